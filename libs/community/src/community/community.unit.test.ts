import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Community, CommunityEvent } from './community.ts'
import type { CommunityCommand } from './decide-community.ts'
import { initialCommunity } from './community.ts'
import { decideCommunity } from './decide-community.ts'
import { evolveCommunity } from './evolve-community.ts'
import { nextCommand } from './next-command.ts'
import {
  AlreadyLeftError,
  CommunityExistsError,
  CommunityRuleError,
  DuplicateChannelError,
  UnknownCommunityError,
} from './rule-errors.ts'

const communityId = `0x02${'ab'.repeat(32)}`
const general = { channelId: 'general', name: 'General' }
const random = { channelId: 'random', name: 'Random' }
const add: CommunityCommand = { type: 'AddCommunity', controlNode: true, name: 'Annals', chats: [general] }

/** The community after commands, one event of another community between each two events. */
function after(...commands: CommunityCommand[]): Community {
  let community = initialCommunity(communityId)
  let sequence = 0
  for (const command of commands)
    for (const { name, payload } of decideCommunity(community, command))
      community = evolveCommunity(community, { name, payload, sequence: (sequence += 2) } as CommunityEvent)
  return community
}

function refusal(community: Community, command: CommunityCommand): unknown {
  try {
    return decideCommunity(community, command)
  } catch (error) {
    return error
  }
}

describe('community', () => {
  it('is added with archiving off', () => {
    expect(after(add)).toEqual({
      communityId,
      name: 'Annals',
      controlNode: true,
      joined: true,
      archivingOn: false,
      chats: [general],
      public: false,
      lastSequence: 2,
    })
  })

  it('is added once', () => {
    const error = refusal(after(add), add)
    expect(error).toBeInstanceOf(CommunityExistsError)
    expect(error).toMatchObject({ communityId })
  })

  it('may be added again after it was left, with archiving off', () => {
    const again = after(add, { type: 'EnableArchiving' }, { type: 'LeaveCommunity' }, { ...add, controlNode: false })
    expect(again).toMatchObject({ joined: true, archivingOn: false, controlNode: false, lastSequence: 8 })
  })

  it('becomes a member when control is released, and the control node when it is taken; archiving stays as it is', () => {
    const release: CommunityCommand = { type: 'ReleaseControl', infoHash: 'ab', clockMilliseconds: 5 }
    const take: CommunityCommand = { type: 'TakeControl', lastArchivedEnd: 7, magnetLink: 'magnet:?' }
    const on: CommunityCommand = { type: 'EnableArchiving' }
    expect(after(add, on, release)).toMatchObject({ controlNode: false, joined: true, archivingOn: true })
    expect(after(add, on, release, take)).toMatchObject({ controlNode: true, joined: true, archivingOn: true })
    expect(decideCommunity(after(add), take)).toEqual([])
    expect(decideCommunity(after(add, release), release)).toEqual([])
    expect(decideCommunity(after(add), release)).toMatchObject([
      { name: 'ControlReleased', payload: { infoHash: 'ab', clockMilliseconds: 5 } },
    ])
  })

  it('that was left by one who takes control at the same moment stays left', () => {
    const left = after(add, { type: 'LeaveCommunity' }, { ...add, controlNode: false }, { type: 'LeaveCommunity' })
    const taken = { name: 'ControlTaken', payload: { magnetLink: '' }, sequence: 99 } as CommunityEvent
    expect(evolveCommunity(left, taken)).toMatchObject({ joined: false, controlNode: false })
  })

  it('takes no command but to be added while it is unknown, nor after it was left', () => {
    const commands: CommunityCommand[] = [
      { type: 'ChangeChats', chats: [] },
      { type: 'EnableArchiving' },
      { type: 'DisableArchiving' },
      { type: 'TakeControl', magnetLink: '' },
      { type: 'ReleaseControl', infoHash: '', clockMilliseconds: 0 },
      { type: 'ChangeVisibility', public: true },
      { type: 'LeaveCommunity' },
    ]
    for (const command of commands) {
      expect(refusal(initialCommunity(communityId), command)).toBeInstanceOf(UnknownCommunityError)
      expect(refusal(after(add, { type: 'LeaveCommunity' }), command)).toBeInstanceOf(AlreadyLeftError)
    }
  })

  it('refuses chats of which two have one channel id', () => {
    const chats = [general, random, { channelId: 'random', name: 'Other' }]
    for (const error of [
      refusal(initialCommunity(communityId), { ...add, chats }),
      refusal(after(add), { type: 'ChangeChats', chats }),
    ]) {
      expect(error).toBeInstanceOf(DuplicateChannelError)
      expect(error).toMatchObject({ communityId, channelId: 'random' })
    }
  })

  it('gives no event where everything is so already', () => {
    expect(decideCommunity(after(add), { type: 'DisableArchiving' })).toEqual([])
    expect(decideCommunity(after(add, { type: 'EnableArchiving' }), { type: 'EnableArchiving' })).toEqual([])
    expect(decideCommunity(after(add), { type: 'ChangeChats', chats: [{ ...general }] })).toEqual([])
  })

  it('takes chats as changed that differ in number, channel or name', () => {
    for (const chats of [[], [general, random], [random], [{ ...general, name: 'Lobby' }]])
      expect(after(add, { type: 'ChangeChats', chats }).chats).toEqual(chats)
  })

  it('is public only while it is said to be, and private again once it was left', () => {
    const shown = after(add, { type: 'ChangeVisibility', public: true })
    expect(shown.public).toBe(true)
    expect(decideCommunity(shown, { type: 'ChangeVisibility', public: true })).toEqual([])
    expect(
      after(add, { type: 'ChangeVisibility', public: true }, { type: 'ChangeVisibility', public: false }).public,
    ).toBe(false)
    const again = after(add, { type: 'ChangeVisibility', public: true }, { type: 'LeaveCommunity' }, add)
    expect(again.public).toBe(false)
  })

  it('gives one id to two equal commands that race, and another one to a later command', () => {
    const off = after(add)
    const on = after(add, { type: 'EnableArchiving' })
    const offAgain = after(add, { type: 'EnableArchiving' }, { type: 'DisableArchiving' })
    const ids = [off, off, on, offAgain].map(
      (community) => decideCommunity(community, { type: community === on ? 'DisableArchiving' : 'EnableArchiving' })[0],
    )
    expect(ids[0]).toEqual({ name: 'ArchivingEnabled', idParts: [2], payload: {} })
    expect(ids[1]).toEqual(ids[0])
    expect(ids[2]?.idParts).toEqual([4])
    expect(ids[3]).toEqual({ name: 'ArchivingEnabled', idParts: [6], payload: {} })
  })

  it('stays off if leaving came before switching on in the log', () => {
    const left = after(add, { type: 'LeaveCommunity' })
    const raced = evolveCommunity(left, { name: 'ArchivingEnabled', payload: {}, sequence: 9 })
    expect(raced).toMatchObject({ joined: false, archivingOn: false, lastSequence: 9 })
  })

  it('a state kept over restarts is the state rebuilt from the log, whatever is redelivered', () => {
    const command = fc.constantFrom<CommunityCommand>(
      add,
      { type: 'ChangeChats', chats: [random] },
      { type: 'EnableArchiving' },
      { type: 'DisableArchiving' },
      { type: 'ChangeVisibility', public: true },
      { type: 'LeaveCommunity' },
    )
    fc.assert(
      fc.property(fc.array(command), fc.nat({ max: 20 }), (commands, back) => {
        const log: CommunityEvent[] = []
        let kept = initialCommunity(communityId)
        for (const each of commands) {
          const decided = refusal(kept, each)
          if (decided instanceof CommunityRuleError) continue
          for (const { name, payload } of decided as CommunityEvent[])
            log.push({ name, payload, sequence: log.length + 1 } as CommunityEvent)
          for (const event of log.slice(-1 - back)) kept = evolveCommunity(kept, event)
        }
        expect(kept).toEqual(log.reduce(evolveCommunity, initialCommunity(communityId)))
        expect(kept.archivingOn && !kept.joined).toBe(false)
      }),
    )
  })

  it('is led from any state to any other, command by command', () => {
    const chats = fc.subarray([general, random])
    const state = fc.record({
      name: fc.constantFrom('Annals', 'Other'),
      controlNode: fc.boolean(),
      joined: fc.boolean(),
      on: fc.boolean(),
      public: fc.boolean(),
      chats,
    })
    fc.assert(
      fc.property(state, state, (from, to) => {
        const [wanted, first] = [to, from].map(({ on, ...rest }): Community => {
          return {
            communityId,
            ...rest,
            public: rest.joined && rest.public,
            archivingOn: rest.joined && on,
            lastSequence: 1,
          }
        }) as [Community, Community]
        let now = first
        let steps = 0
        for (let command = nextCommand(now, wanted); command !== undefined; command = nextCommand(now, wanted)) {
          const before = now
          for (const { name, payload } of decideCommunity(now, command))
            now = evolveCommunity(now, { name, payload, sequence: now.lastSequence + 1 } as CommunityEvent)
          expect(now).not.toBe(before)
          expect((steps += 1)).toBeLessThan(5)
        }
        const expected = wanted.joined ? { ...wanted, lastSequence: now.lastSequence } : { ...now, joined: false }
        expect(now).toEqual(expected)
      }),
    )
  })
})
