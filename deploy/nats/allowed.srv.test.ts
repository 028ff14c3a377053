import { openNatsChannel } from '@annals/channels/nats'
import type { ConsumerSpec, DeadLetter, EventBus, EventName, StoredEvent } from '@annals/events'
import { eventNames } from '@annals/events'
import { Arrivals, collect } from '@annals/events/testing'
import { progressSubject } from '@annals/service'
import { afterAll, describe, expect, it } from 'vitest'
import type { TestContext } from 'vitest'
import { needsOf, parties, type Party } from '../needs.ts'
import { newEvent } from '../testing/new-event.ts'
import { Accounts } from '../testing/open-accounts.ts'
import { publicationRefusal, refusalOf, subscriptionRefusal } from '../testing/refusals.ts'
import { installation, instanceNames } from './installation.ts'

const accounts = new Accounts()
afterAll(() => accounts[Symbol.asyncDispose]())

const services = parties.filter((party) => party !== 'setup' && party !== 'subscriber')

const consumers = parties.flatMap((party) =>
  needsOf(party).consumers.map(({ name, perInstance, events }) => ({
    party,
    events,
    consumer: perInstance ? `${name}-${instanceNames(party, installation('annals'))[0]}` : name,
  })),
)

async function busOf(test: TestContext, party: Party): Promise<EventBus> {
  return (await accounts.open(test, party)).bus
}

/** What comes of publishing an event of a name. */
async function publication(bus: EventBus, name: EventName): Promise<object> {
  const refusal = await refusalOf(bus.publish(newEvent(name)))
  return refusal === undefined ? { name, published: true } : { name, refusal }
}

/** Has an event published by who may. */
async function publish(test: TestContext, name: EventName): Promise<string> {
  const publisher = parties.find((party) => needsOf(party).publishes.includes(name))
  if (publisher === undefined) throw new Error(`nobody publishes ${name}`)
  const event = newEvent(name)
  await (await busOf(test, publisher)).publish(event)
  return event.id
}

/** Fails fast, and gives up after the second time. */
function specOf(name: string, events: readonly EventName[]): ConsumerSpec<EventName> {
  return { name, events, startFrom: 'end', maxDeliveries: 2, backoffSeconds: [0.01], concurrency: 4 }
}

async function letterOf(bus: EventBus, id: string): Promise<DeadLetter | undefined> {
  return (await collect(bus.deadLetters.list())).find(({ event }) => event.id === id)
}

describe('a NATS user', () => {
  it.for(parties)(
    '%s publishes its own events, and is told at once that it may not publish another',
    async (party, test) => {
      const bus = await busOf(test, party)
      const outcomes = await Promise.all(eventNames.map((name) => publication(bus, name)))
      const expected = eventNames.map((name) => {
        if (needsOf(party).publishes.includes(name)) return { name, published: true }
        const subject = expect.stringMatching(`^annals\\.events\\.${name}\\.`) as string
        return { name, refusal: { operation: 'publish', subject } }
      })
      expect(outcomes).toStrictEqual(expected)
    },
  )

  it.for(consumers)(
    '$party takes events with $consumer, tries again, gives up, and takes a replay',
    async (each, test) => {
      const bus = await busOf(test, each.party)
      const gateway = await busOf(test, 'gateway')
      const taken = new Arrivals<{ readonly id: string; readonly attempt: number }>()
      let isBroken = true
      await using consumption = await bus.consume(specOf(each.consumer, each.events), async ({ id }, { attempt }) => {
        taken.add({ id, attempt })
        if (isBroken) throw new Error('not now')
      })
      const ids = await Promise.all(each.events.map((name) => publish(test, name)))
      for (const id of ids) await taken.until((all) => all.some((one) => one.id === id && one.attempt === 2))
      await consumption.idle()
      const letters = await Promise.all(ids.map((id) => letterOf(gateway, id)))
      expect(letters.map((letter) => letter?.consumer)).toStrictEqual(ids.map(() => each.consumer))

      isBroken = false
      const before = taken.all.length
      for (const letter of letters) await gateway.deadLetters.replay(letter?.id ?? 0)
      await taken.count(before + ids.length)
      await consumption.idle()
      expect(
        taken.all
          .slice(before)
          .map(({ id }) => id)
          .toSorted(),
      ).toStrictEqual(ids.toSorted())
    },
  )

  it.for(parties)('%s reads the log: all of it, of a community, and as it goes on', async (party, test) => {
    const bus = await busOf(test, party)
    const id = await publish(test, 'ArchiveDue')
    const found = (await collect(bus.read())).find((event) => event.id === id)
    const { communityId = '', sequence = 0 } = found ?? {}
    expect(sequence).toBeGreaterThan(0)
    expect((await collect(bus.read({ communityId }))).map((event) => event.id)).toStrictEqual([id])
    expect(await bus.lastSequence()).toBeGreaterThanOrEqual(sequence)
    const followed: StoredEvent[] = []
    const stop = new AbortController()
    for await (const event of bus.read({ after: sequence - 1, follow: true, signal: stop.signal })) {
      followed.push(event)
      stop.abort()
    }
    expect(followed.map((event) => event.id)).toStrictEqual([id])
  })

  it('gateway drops a dead letter, and nobody else sees, replays or drops one', async (test) => {
    const bus = await busOf(test, 'archiver')
    await using consumption = await bus.consume({ ...specOf('archiver', ['ArchiveDue']), maxDeliveries: 1 }, () =>
      Promise.reject(new Error('never')),
    )
    const id = await publish(test, 'ArchiveDue')
    await consumption.idle()
    const gateway = await busOf(test, 'gateway')
    const letter = await letterOf(gateway, id)
    expect(letter).toBeDefined()
    for (const party of parties.filter((each) => each !== 'gateway')) {
      const { deadLetters } = await busOf(test, party)
      expect(await refusalOf(collect(deadLetters.list()))).toMatchObject({ operation: 'publish' })
      expect(await refusalOf(deadLetters.replay(letter?.id ?? 0))).toMatchObject({ operation: 'publish' })
      expect(await refusalOf(deadLetters.drop(letter?.id ?? 0))).toMatchObject({ operation: 'publish' })
    }
    expect(await letterOf(gateway, id)).toEqual(letter)
    await gateway.deadLetters.drop(letter?.id ?? 0)
    expect(await letterOf(gateway, id)).toBeUndefined()
  })

  it.for(services)('%s uses the channel as far as it needs to', async (party, test) => {
    const { link } = await accounts.open(test, party)
    const { channel: uses } = needsOf(party)
    const dispatcher = await accounts.open(test, 'magnet-dispatcher')
    await using publishing = await openNatsChannel({ link: dispatcher.link, namespace: 'annals', replicas: 1 })
    await using channel = await openNatsChannel({ link, namespace: 'annals', replicas: 1 })
    const publication = await refusalOf(channel.publish(party, Buffer.from('own')))
    expect(publication === undefined).toBe(uses.includes('publish'))

    await publishing.publish(party, Buffer.from('of the dispatcher'))
    const stop = new AbortController()
    const received: string[] = []
    const reception = await refusalOf(
      (async () => {
        for await (const { payload } of channel.receive(party, { signal: stop.signal })) {
          received.push(Buffer.from(payload).toString())
          stop.abort()
        }
      })(),
    )
    // Who may look for a message may read what there is; he does not hear of what comes.
    const mayRead = uses.includes('receive') || uses.includes('holds')
    expect(reception === undefined).toBe(mayRead)
    const first = uses.includes('publish') ? 'own' : 'of the dispatcher'
    expect(received).toStrictEqual(mayRead ? [first] : [])
    const { signal } = new AbortController()
    const look = channel.holds(party, Buffer.from('of the dispatcher'), { sinceMilliseconds: 0, signal })
    expect((await refusalOf(look)) === undefined).toBe(mayRead)
    expect((await subscriptionRefusal(link, 'annals.channel.>')) === undefined).toBe(uses.includes('receive'))
  })

  it.for(parties)('%s reports progress and listens to it as far as it needs to', async (party, test) => {
    const { link } = await accounts.open(test, party)
    const { progress } = needsOf(party)
    const subject = progressSubject('annals')
    expect((await publicationRefusal(link, subject)) === undefined).toBe(progress.includes('report'))
    expect((await subscriptionRefusal(link, subject)) === undefined).toBe(progress.includes('listen'))
  })
})
