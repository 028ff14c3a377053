import { BusUnavailableError } from '@annals/events'
import { openNatsBus } from '@annals/events/nats'
import { startNats } from '@annals/local-servers'
import { startOrSkip } from '@annals/local-servers/testing'
import { callJetStream, JetStreamRefusedError, NatsPermissionError } from '@annals/nats'
import { afterAll, describe, expect, it } from 'vitest'
import { needsOf, parties, type Party } from '../needs.ts'
import { newEvent } from '../testing/new-event.ts'
import { Accounts, connectAs, passwords } from '../testing/open-accounts.ts'
import { publicationRefusal, refusalOf, subscriptionRefusal } from '../testing/refusals.ts'
import { foreignConsumerNames, inboxPrefix, installation, userName } from './installation.ts'
import { natsConfiguration } from './nats-configuration.ts'

const accounts = new Accounts()
afterAll(() => accounts[Symbol.asyncDispose]())

const streams = ['ANNALS', 'ANNALS_FAILURES', 'ANNALS_DLQ', 'ANNALS_CHANNEL']
const annals = installation('annals')

/** What nobody may do with the streams. */
function changesOfStreams(party: Party): string[] {
  const { declaresStreams, managesDeadLetters, consumers } = needsOf(party)
  const forbidden = [
    ...streams.flatMap((stream) =>
      ['UPDATE', 'DELETE', 'PURGE', 'SNAPSHOT', 'RESTORE', 'LEADER.STEPDOWN', 'PEER.REMOVE'].map(
        (what) => `$JS.API.STREAM.${what}.${stream}`,
      ),
    ),
    ...(declaresStreams ? [] : streams.map((stream) => `$JS.API.STREAM.CREATE.${stream}`)),
    '$JS.API.STREAM.CREATE.OTHER',
    '$JS.API.STREAM.MSG.DELETE.ANNALS',
    '$JS.API.STREAM.MSG.DELETE.ANNALS_CHANNEL',
    ...(managesDeadLetters ? [] : ['$JS.API.STREAM.MSG.DELETE.ANNALS_DLQ', 'annals.replays.archiver.1']),
    ...(consumers.length > 0 ? [] : ['$JS.API.STREAM.MSG.DELETE.ANNALS_FAILURES']),
    '$JS.API.META.LEADER.STEPDOWN',
    '$JS.API.ACCOUNT.PURGE.ANNALS',
    '$SYS.REQ.SERVER.PING',
  ]
  return forbidden
}

/** What only the owner of a consumer may do. */
function usesOfConsumer(name: string): string[] {
  return [
    ...['CREATE', 'INFO', 'DELETE', 'PAUSE', 'RESET', 'UNPIN', 'MSG.NEXT', 'DURABLE.CREATE', 'LEADER.STEPDOWN'].map(
      (what) => `$JS.API.CONSUMER.${what}.ANNALS.${name}`,
    ),
    `$JS.API.CONSUMER.CREATE.ANNALS.${name}.annals.events.>`,
    `$JS.ACK.ANNALS.${name}.1.1.1.1.0`,
    `$JS.ACK._.account.ANNALS.${name}.1.1.1.1.0`,
    `annals.failures.${name}.1.token`,
    `annals.dead-letters.${name}.1.token`,
  ]
}

describe('a NATS user', () => {
  it.for(parties)('%s changes no stream and deletes nothing of the log', async (party, test) => {
    const { link } = await accounts.open(test, party)
    for (const subject of changesOfStreams(party))
      expect(await publicationRefusal(link, subject)).toStrictEqual({ operation: 'publish', subject })
  })

  it.for(parties)("%s neither makes, changes, uses nor acknowledges another's consumer", async (party, test) => {
    const { link } = await accounts.open(test, party)
    const may = needsOf(party).declaresStreams ? ['INFO'] : []
    for (const name of foreignConsumerNames(party, annals))
      for (const subject of usesOfConsumer(name)) {
        if (may.some((what) => subject.startsWith(`$JS.API.CONSUMER.${what}.`))) continue
        expect(await publicationRefusal(link, subject)).toStrictEqual({ operation: 'publish', subject })
      }
  })

  it.for(parties)("%s consumes under no other's name through the bus", async (party, test) => {
    const { bus } = await accounts.open(test, party)
    for (const name of [...foreignConsumerNames(party, annals), 'seeder-somewhere-else']) {
      const spec = { name, events: ['ArchiveDue'] as const, maxDeliveries: 2, backoffSeconds: [1], concurrency: 1 }
      expect(await refusalOf(bus.consume(spec, async () => {}))).toStrictEqual({
        operation: 'publish',
        subject: `$JS.API.CONSUMER.INFO.ANNALS.${name}`,
      })
    }
  })

  it.for(parties)('%s hears nothing but its own inbox and what it needs', async (party, test) => {
    const { link } = await accounts.open(test, party)
    const foreign = parties.filter((other) => other !== party).map((other) => `${inboxPrefix(other, 'annals')}.>`)
    const subjects = [
      '>',
      '*',
      '_INBOX.>',
      '*.>',
      '$JS.>',
      '$JS.ACK.>',
      '$SYS.>',
      'annals.>',
      'annals.events.>',
      ...foreign,
    ]
    for (const subject of subjects)
      expect(await subscriptionRefusal(link, subject)).toStrictEqual({ operation: 'subscribe', subject })
  })

  it.for(parties)("%s sends nothing into another's inbox", async (party, test) => {
    const { link } = await accounts.open(test, party)
    for (const other of parties.filter((each) => each !== party)) {
      const subject = `${inboxPrefix(other, 'annals')}.x.1`
      expect(await publicationRefusal(link, subject)).toStrictEqual({ operation: 'publish', subject })
    }
  })

  it('cannot have the server put into the log what it may not put there itself', async (test) => {
    const { link } = await accounts.open(test, 'archiver')
    const create = callJetStream(link, 'CONSUMER.CREATE.ANNALS.mine', {
      stream_name: 'ANNALS',
      action: 'create',
      config: { name: 'mine', deliver_subject: 'annals.events.ArchiveDue.community.token', ack_policy: 'none' },
    })
    await expect(create).rejects.toBeInstanceOf(JetStreamRefusedError)
  })

  it('is told at once where its inboxes are not what it may listen to', async (test) => {
    const { url } = await accounts.server(test)
    await using link = await connectAs('archiver', url, { prefix: inboxPrefix('seeder', 'annals') })
    const opening = openNatsBus({ link, namespace: 'annals', replicas: 1, ackWaitSeconds: 1 })
    await expect(opening).rejects.toBeInstanceOf(NatsPermissionError)
    await expect(opening).rejects.toMatchObject({
      operation: 'subscribe',
      subject: expect.stringMatching(`^_INBOX_${userName('seeder', 'annals')}\\.`) as string,
    })
  })

  it('is told at once that it may not make the streams where they are missing', async (test) => {
    const configuration = natsConfiguration(passwords)
    await using server = await startOrSkip(test, () => startNats({ configuration }))
    await using link = await connectAs('archiver', server.url)
    const opening = openNatsBus({ link, namespace: 'annals', replicas: 1, ackWaitSeconds: 1 })
    await expect(opening).rejects.toMatchObject({ operation: 'publish', subject: '$JS.API.STREAM.CREATE.ANNALS' })
  })

  it('names the permission through the port', async (test) => {
    const { bus } = await accounts.open(test, 'subscriber')
    const publishing = bus.publish(newEvent('ArchiveDue'))
    await expect(publishing).rejects.toBeInstanceOf(BusUnavailableError)
    await expect(publishing).rejects.toMatchObject({ operation: 'publish', cause: { operation: 'publish' } })
  })
})
