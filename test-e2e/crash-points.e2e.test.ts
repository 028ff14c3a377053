import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Comparison } from '@annals/annals'
import { compareMessages } from '@annals/annals'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { announcementsOf } from './support/announcements.ts'
import {
  Chronicle,
  addControlled,
  addMember,
  archivesOf,
  beginning,
  sealRound,
  waitUntilServed,
  week,
} from './support/chronicle.ts'
import { RestartableNode } from './support/restartable-node.ts'
import { World } from './support/world.ts'

const rounds = 2
const chronicle = new Chronicle(rounds, 6, 1)
const program = join(import.meta.dirname, 'support', 'crashing-node.main.ts')
const timeout = 900_000
/** Worlds at once: there are few processors. */
const atOnce = 2

let trackerWorld: World
let effectsFolder: string

beforeAll(async () => {
  trackerWorld = await World.create(beginning)
  effectsFolder = await mkdtemp(join(tmpdir(), 'annals-effects-'))
})
afterAll(async () => {
  await trackerWorld[Symbol.asyncDispose]()
  await rm(effectsFolder, { recursive: true, force: true })
})

describe('a crash right before an effect of any handler', () => {
  it(
    'on a control node: archives, announcements and messages are those of a run without a crash',
    async () => {
      const { effects, different } = await crashBeforeEach('control', async (crashAt, effectsFile) => {
        await using world = await World.create(beginning + week, trackerWorld)
        await using control = crashing(world, 'control', crashAt, effectsFile)
        const communityId = await addControlled(control)
        for (let round = 0; round < rounds; round += 1) await sealRound(world, control, communityId, chronicle, round)
        return {
          archives: await archivesOf(control, communityId),
          announced: await announcementsOf(world, communityId),
          held: await heldBy(control, communityId, rounds),
        }
      })
      expect(different).toStrictEqual([])
      expect(effects).toBeGreaterThan(20)
    },
    timeout,
  )

  it(
    'on a member: it holds and serves the same',
    async () => {
      await using world = await World.create(beginning + week, trackerWorld)
      await using control = new RestartableNode(world, 'control')
      const communityId = await addControlled(control)
      const first = await sealRound(world, control, communityId, chronicle, 0)
      let runs = 0
      const { effects, different } = await crashBeforeEach('member', async (crashAt, effectsFile) => {
        runs += 1
        await using member = crashing(world, `member-${runs}`, crashAt, effectsFile)
        await addMember(member, communityId)
        await waitUntilServed(member, first)
        return { archives: await archivesOf(member, communityId), held: await heldBy(member, communityId, 1) }
      })
      expect(different).toStrictEqual([])
      expect(effects).toBeGreaterThan(20)
    },
    timeout,
  )
})

function crashing(world: World, name: string, crashAt: number, effectsFile: string): RestartableNode {
  const environment = { CRASH_AT: String(crashAt), EFFECTS_FILE: effectsFile }
  return new RestartableNode(world, name, world.start(name, { program, environment }))
}

function heldBy(node: RestartableNode, communityId: string, roundsHeld: number): Promise<Comparison> {
  return node.run((live) => compareMessages(chronicle.through(roundsHeld - 1), communityId, live.messages(communityId)))
}

interface CrashReport {
  /** Effects of the run without a crash. */
  readonly effects: number
  /** The crashes that changed what came of it. */
  readonly different: readonly unknown[]
}

/** Runs once without a crash, then once for each effect of that run. */
async function crashBeforeEach(
  name: string,
  run: (crashAt: number, effectsFile: string) => Promise<unknown>,
): Promise<CrashReport> {
  const effectsFile = join(effectsFolder, `${name}-0`)
  const expected = await run(0, effectsFile)
  const effects = await namesIn(effectsFile)
  const different: unknown[] = []
  let next = 1
  const worker = async (): Promise<void> => {
    for (let crashAt = next++; crashAt <= effects.length; crashAt = next++) {
      const file = join(effectsFolder, `${name}-${crashAt}`)
      const outcome = await run(crashAt, file)
      if (!isDeepStrictEqual(outcome, expected))
        different.push({ crashAt, before: (await namesIn(file)).at(-1), outcome, expected })
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return { effects: effects.length, different }
}

async function namesIn(file: string): Promise<string[]> {
  return (await readFile(file, 'utf8')).trim().split('\n')
}
