import { allServices } from '@annals/annals'
import { archiveCounter } from '@annals/archive-counter'
import { eventNames } from '@annals/events'
import { describe, expect, it } from 'vitest'
import { needs, needsOf, parties, type Party } from './needs.ts'
import { publishedEvents } from './testing/published-events.ts'
import { recordConsumers } from './testing/record-consumers.ts'
import { callsOf, receiversOf, sourcesIn, type Source } from './testing/service-sources.ts'

const roles = ['setup', 'subscriber'] as const satisfies readonly Party[]
const services = parties.filter((party) => !roles.some((role) => role === party))

/** The subscriber of the table is the one that the documentation shows. */
function definitionOf(party: Party): (typeof allServices)[number] {
  const definition = party === 'subscriber' ? archiveCounter : allServices.find(({ name }) => name === party)
  if (definition === undefined) throw new Error(`there is no service ${party}`)
  return definition
}

/** Whether a service's code calls something. */
function calls(service: Party, callee: string): boolean {
  return sourcesIn(`services/${service}/src`).some((source) => callsOf(callee, source).length > 0)
}

function asksWaku({ text }: Source): boolean {
  return /\bwaku\b.*\} = context|context\.waku\b/.test(text)
}

describe('the table of needs', () => {
  it('has every service', () => {
    expect(services.toSorted()).toStrictEqual(allServices.map(({ name }) => name).toSorted())
  })

  it('gives each event one publisher, a list of chats and an announcement two: an operator, and the network', () => {
    const published = parties.flatMap((party) => needsOf(party).publishes)
    expect(published.toSorted()).toStrictEqual(
      [...eventNames, 'CommunityChatsChanged', 'MagnetLinkReceived'].toSorted(),
    )
  })

  it.for(services)('says of %s what its code publishes', (service) => {
    expect([...new Set(publishedEvents(service))].toSorted()).toStrictEqual(needsOf(service).publishes.toSorted())
  })

  it.for([...services, 'subscriber'] as const)(
    'says of %s which consumers it starts, for which events',
    async (party) => {
      const expected = needsOf(party).consumers.map(({ name, perInstance, events }) => ({
        name: perInstance ? `${name}-one` : name,
        events,
      }))
      expect(await recordConsumers(definitionOf(party), 'one')).toStrictEqual(expected)
    },
  )

  it.for(services)('says of %s how it uses channel, progress, dead letters, BitTorrent and Waku', (service) => {
    const need = needsOf(service)
    expect(need.channel).toStrictEqual(
      (['publish', 'receive', 'holds'] as const).filter((how) => calls(service, `channel.${how}`)),
    )
    expect(need.progress).toStrictEqual(
      (['report', 'listen'] as const).filter((how) => calls(service, `progress.${how}`)),
    )
    const touchesDeadLetters = sourcesIn(`services/${service}/src`).some(({ text }) => text.includes('.deadLetters'))
    expect(need.managesDeadLetters).toBe(touchesDeadLetters)
    const usesTorrents = definitionOf(service).uses?.includes('torrents') === true
    const looks = sourcesIn(`services/${service}/src`).some(({ text }) => text.includes('openStranger('))
    expect(need.reaches.includes('bittorrent')).toBe(usesTorrents || looks)
    expect(need.accepts.includes('bittorrent')).toBe(usesTorrents)
    // Announcements may travel over Waku.
    const usesWaku = need.channel.length > 0 || sourcesIn(`services/${service}/src`).some(asksWaku)
    expect(need.reaches.includes('waku')).toBe(usesWaku)
  })

  it('knows all that publishes on behalf of a service', () => {
    const publishers = sourcesIn('libs/service/src').filter((source) => receiversOf('publish', source).length > 0)
    expect(publishers.map(({ path }) => path).toSorted()).toStrictEqual([
      // For whoever calls `takeAnnouncement`.
      'libs/service/src/announcements/take-announcement.ts',
      // On the subject of the progress.
      'libs/service/src/engines/reasserting-bus.ts',
      'libs/service/src/engines/shared-progress-board.ts',
      // Only for the registry: `registry.execute`.
      'libs/service/src/publish-all.ts',
      // Hand on what their user publishes.
      'libs/service/src/telemetry/tracing-bus.ts',
      'libs/service/src/telemetry/tracing-channel.ts',
    ])
    const callers = sourcesIn('libs/service/src').filter((source) => callsOf('publishAll', source).length > 0)
    expect(callers.map(({ path }) => path)).toStrictEqual([
      'libs/service/src/community-registry.ts',
      'libs/service/src/publish-all.ts',
    ])
  })

  it('keeps the durable names of all apart', () => {
    const names = Object.values(needs).flatMap(({ consumers }) => consumers.map(({ name }) => name))
    expect(new Set(names).size).toBe(names.length)
  })
})
