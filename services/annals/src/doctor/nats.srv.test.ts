import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { natsConfiguration, natsSettingsFor, needsOf, parties } from '@annals/deploy'
import type { Party } from '@annals/deploy'
import { openNatsBus, Subjects } from '@annals/events/nats'
import { startNats } from '@annals/local-servers'
import { makeMasterKeyFile } from '@annals/keys'
import { startOrSkip } from '@annals/local-servers/testing'
import type { NatsLink } from '@annals/nats'
import { callJetStream, connectNats, streamInfo } from '@annals/nats'
import { readEnv } from '@annals/service'
import { instances } from '@annals/storage'
import { openMongoState } from '@annals/storage/mongo'
import { testFolder } from '@annals/service/testing'
import { startNode } from '@annals/service'
import { pino } from 'pino'
import type { TestContext } from 'vitest'
import { describe, expect, it, onTestFinished } from 'vitest'
import { allServices } from '../all-services.ts'
import type { Examination } from '../index.ts'
import { freePort } from '../testing/free-port.ts'
import { openOwnNamespace } from '../testing/own-namespace.ts'
import { examineQuietly, findingsOf, quiet, resultsOf } from '../testing/read-examination.ts'
import { runCli } from '../testing/run-cli.ts'

const hour = 3_600_000

/** With room for the largest events, and a monitoring page. */
async function startRoomyNats(test: TestContext, further = ''): Promise<{ url: string; monitor: string }> {
  const port = await freePort()
  const configuration = `max_payload: 2MB\nhttp: "127.0.0.1:${port}"\n${further}`
  const server = await startOrSkip(test, () => startNats({ configuration }))
  onTestFinished(() => server[Symbol.asyncDispose]())
  return { url: server.url, monitor: `http://127.0.0.1:${port}` }
}

/** Kinds of a check's results with what they are about. */
function kindsOf(examination: Examination, check: string): (string | undefined)[][] {
  return resultsOf(examination, check).map(({ kind, about }) => [kind, about])
}

async function makeConsumer(link: NatsLink, namespace: string, name: string, further: object = {}): Promise<void> {
  const subjects = new Subjects(namespace)
  await callJetStream(link, `CONSUMER.CREATE.${subjects.logStream}.${name}`, {
    stream_name: subjects.logStream,
    config: {
      durable_name: name,
      name,
      ack_policy: 'explicit',
      ack_wait: 10_000_000_000,
      max_ack_pending: 20_000,
      max_deliver: -1,
      replay_policy: 'instant',
      deliver_policy: 'all',
      ...further,
    },
  })
}

/** Events as a consumer counts them. */
async function publishMany(link: NatsLink, namespace: string, count: number): Promise<void> {
  const subjects = new Subjects(namespace)
  const all = Array.from({ length: count }, (_, number) => subjects.event('ArchiveDue', 'community', String(number)))
  await Promise.all(all.map((subject) => link.request(subject, 'an event')))
}

describe('an installation at work', () => {
  it('has nothing wrong, and is as it was before', async (test) => {
    const { url, monitor } = await startRoomyNats(test)
    await using own = await openOwnNamespace({ natsUrl: url })
    await using folder = await testFolder()
    const env = {
      ...quiet,
      ...own.env,
      ANNALS_DATA: folder.path,
      ANNALS_INSTANCE: 'one',
      ANNALS_SEED_REPLICAS: '1',
      ANNALS_MASTER_KEY_FILE: join(folder.path, 'master.key'),
    }
    makeMasterKeyFile(env.ANNALS_MASTER_KEY_FILE)
    await using node = await startNode(allServices, { config: readEnv(env), log: pino({ level: 'silent' }) })
    const port = { ANNALS_TORRENT_PORT: String(node.context.torrents.address.port) }

    const { exitCode, stdout } = await runCli(['doctor', '--json', '--nats-monitor', monitor], env)
    const examination = JSON.parse(stdout) as Examination
    // It may be MongoDB's own server, alone.
    const found = findingsOf(examination).filter((finding) => finding !== 'mongodb-server/alone')
    expect({ exitCode, found }).toStrictEqual({ exitCode: 0, found: ['torrent-port/loopback'] })
    expect(examination.results.filter(({ verdict }) => verdict === 'not checked')).toStrictEqual([])
    expect(resultsOf(examination, 'grpc-address')[0]?.found).toContain('a node answers')
    const collections = (await own.mongo.database.collections()).map(({ collectionName }) => collectionName)
    expect(collections.filter((name) => name.startsWith('doctor-'))).toStrictEqual([])
    for (const { name } of allServices) {
      const ofService = await runCli(['doctor', '--json', '--service', name], { ...env, ...port })
      expect({ name, exitCode: ofService.exitCode, stderr: ofService.stderr }).toStrictEqual({
        name,
        exitCode: 0,
        stderr: '',
      })
    }
    expect((await streamInfo(own.nats, new Subjects(own.namespace).logStream))?.state.last_seq).toBe(0)
  })
})

describe('a stream', () => {
  it('that is missing is found, made where that is asked for, and looked at again', async () => {
    await using own = await openOwnNamespace()
    const { logStream, deadLetterStream } = new Subjects(own.namespace)
    for (const name of [logStream, deadLetterStream]) await callJetStream(own.nats, `STREAM.DELETE.${name}`)
    const broken = await examineQuietly({ env: own.env })
    expect(broken.verdict).toBe('problem')
    expect(kindsOf(broken, 'nats-streams')).toStrictEqual([
      ['missing', logStream],
      ['missing', deadLetterStream],
    ])
    const fixed = await examineQuietly({ env: own.env, fix: true })
    expect(fixed.fixes).toStrictEqual([
      { check: 'nats-streams', about: logStream },
      { check: 'nats-streams', about: deadLetterStream },
    ])
    expect(resultsOf(fixed, 'nats-streams')).toMatchObject([{ verdict: 'ok' }])
    expect((await examineQuietly({ env: own.env, fix: true })).fixes).toStrictEqual([])
  })

  it('that was set up or changed by somebody else is found, and is left as it is', async () => {
    await using own = await openOwnNamespace()
    const { logStream, failureStream, deadLetterStream } = new Subjects(own.namespace)
    const config = async (name: string): Promise<object> => (await streamInfo(own.nats, name))?.config ?? {}
    const change = async (name: string, changes: object): Promise<void> =>
      void (await callJetStream(own.nats, `STREAM.UPDATE.${name}`, { ...(await config(name)), ...changes }))
    await change(logStream, { max_age: hour * 1_000_000 })
    await change(deadLetterStream, { max_msgs: 10 })
    const declared = await config(failureStream)
    await callJetStream(own.nats, `STREAM.DELETE.${failureStream}`)
    await callJetStream(own.nats, `STREAM.CREATE.${failureStream}`, { ...declared, retention: 'interest' })
    const letter = new Subjects(own.namespace).deadLetter('archiver', 1, 'token')
    for (let number = 0; number < 10; number++) await own.nats.request(letter, '')

    const examination = await examineQuietly({ env: own.env, fix: true })
    expect(kindsOf(examination, 'nats-streams')).toStrictEqual([
      ['loses', logStream],
      ['loses', failureStream],
      ['differs', deadLetterStream],
      ['nearly-full', deadLetterStream],
    ])
    expect(examination.fixes).toStrictEqual([])
    expect(resultsOf(examination, 'nats-streams')[1]).toMatchObject({ expected: '"limits"' })
    expect(resultsOf(examination, 'nats-dead-letters')).toMatchObject([{ kind: 'some' }])
  })

  it('is held by as many servers as the settings say, or that is told', async () => {
    await using own = await openOwnNamespace()
    const kinds = kindsOf(
      await examineQuietly({ env: { ...own.env, ANNALS_STREAM_REPLICAS: '3' } }),
      'nats-replicas',
    ).map(([kind]) => kind)
    expect(kinds).toStrictEqual(['no-cluster', 'other', 'other', 'other', 'other'])
  })
})

describe('a NATS server', () => {
  it('that is not there is told of, and what needs it is not checked', async () => {
    await using own = await openOwnNamespace({ streams: false })
    const env = { ...own.env, NATS_URL: `nats://user:secret@127.0.0.1:${await freePort()}` }
    const examination = await examineQuietly({ env })
    expect(kindsOf(examination, 'nats-connection')).toStrictEqual([['unreachable', undefined]])
    const others = examination.results.filter(({ check }) => check.startsWith('nats-') && check !== 'nats-connection')
    expect(new Set(others.map(({ verdict }) => verdict))).toStrictEqual(new Set(['not checked']))
    expect(resultsOf(examination, 'mongodb-writes')).toMatchObject([{ verdict: 'ok' }])
    expect(JSON.stringify(examination)).not.toContain('secret')
  })

  it('that takes neither the password nor the credentials file is told of', async (test) => {
    await using server = await startOrSkip(test, () =>
      startNats({ configuration: 'authorization { user: one, password: right }' }),
    )
    await using own = await openOwnNamespace({ streams: false })
    const env = { ...own.env, NATS_URL: server.url.replace('//', '//one:wrong@') }
    expect(findingsOf(await examineQuietly({ env }))).toContain('nats-connection/refused')
    await using folder = await testFolder()
    const file = join(folder.path, 'user.creds')
    await writeFile(file, 'nothing')
    const withFile = { ...env, NATS_CREDENTIALS: file }
    expect(findingsOf(await examineQuietly({ env: withFile }))).toContain('nats-connection/invalid')
  })

  it('without JetStream is told of', async (test) => {
    const configuration = 'accounts { WITHOUT: { users: [{ user: one, password: right }] } }\nno_auth_user: one'
    await using server = await startOrSkip(test, () => startNats({ configuration }))
    await using own = await openOwnNamespace({ streams: false })
    const examination = await examineQuietly({ env: { ...own.env, NATS_URL: server.url } })
    expect(kindsOf(examination, 'nats-jetstream')).toStrictEqual([['disabled', undefined]])
    expect(resultsOf(examination, 'nats-streams')).toMatchObject([{ verdict: 'not checked' }])
    expect(resultsOf(examination, 'nats-round-trip')).toMatchObject([{ verdict: 'ok' }])
  })

  it('whose limits are reached, or that takes small messages only, is told of', async (test) => {
    const account =
      'accounts { A: { jetstream: { max_streams: 4, max_consumers: 100, max_file: 1GB }, users: [{ user: one, password: right }] } }'
    const configuration = `max_payload: 100KB\nno_auth_user: one\n${account}`
    await using server = await startOrSkip(test, () => startNats({ configuration }))
    await using own = await openOwnNamespace({ natsUrl: server.url })
    const examination = await examineQuietly({ env: own.env })
    expect(kindsOf(examination, 'nats-jetstream')).toStrictEqual([['full', 'streams']])
    expect(kindsOf(examination, 'nats-payload')).toStrictEqual([['small', undefined]])
  })

  it('that brings to the disk later what it acknowledged is told of, by its own monitoring page', async (test) => {
    const always = await startRoomyNats(test)
    const later = await startRoomyNats(test, 'jetstream { sync_interval: "2m" }')
    await using own = await openOwnNamespace({ streams: false })
    const look = async (url: string, natsMonitor: string): Promise<(string | undefined)[]> => {
      const env = { ...own.env, NATS_URL: url }
      return resultsOf(await examineQuietly({ env, natsMonitor }), 'nats-durability').map(
        ({ verdict, kind }) => kind ?? verdict,
      )
    }
    expect(await look(always.url, always.monitor)).toStrictEqual(['ok'])
    expect(await look(later.url, later.monitor)).toStrictEqual(['unsynced'])
    expect(await look(always.url, later.monitor)).toStrictEqual(['another', 'unsynced'])
    expect(await look(always.url, always.url.replace('nats:', 'http:'))).toStrictEqual(['unreadable'])
  })

  it('whose clock is another one is told of', async () => {
    await using own = await openOwnNamespace()
    const kindAt = async (ahead: number): Promise<(string | undefined)[][]> => {
      const examination = await examineQuietly({ env: own.env, now: () => Date.now() + ahead })
      return ['nats-clock', 'mongodb-clock']
        .map((check) => resultsOf(examination, check).map(({ kind }) => kind))
        .flat(0)
    }
    expect(await kindAt(-30_000)).toStrictEqual([['differs'], ['differs']])
    expect(await kindAt(300_000)).toStrictEqual([['wrong'], ['wrong']])
  })
})

describe('a NATS user', () => {
  const passwords = Object.fromEntries(parties.map((party) => [party, `pw-${party}`])) as Record<Party, string>

  it('may do what its service needs and no more, which is tried without effect', async (test) => {
    await using server = await startOrSkip(test, () => startNats({ configuration: natsConfiguration(passwords) }))
    await using own = await openOwnNamespace({ streams: false })
    const envOf = (party: Party): Record<string, string> => ({
      ...own.env,
      ANNALS_NAMESPACE: 'annals',
      ...natsSettingsFor(party, server.url, passwords[party]),
    })
    // The one who may makes the streams.
    const setup = await examineQuietly({ env: envOf('setup'), fix: true, service: 'setup' })
    expect(setup.fixes).toHaveLength(4)
    expect(setup.fixes.filter(({ error }) => error !== undefined)).toStrictEqual([])
    expect(resultsOf(setup, 'nats-permissions')).toMatchObject([{ verdict: 'ok' }])

    for (const service of parties.filter((party) => party !== 'subscriber')) {
      const examination = await examineQuietly({ env: envOf(service), service })
      expect({ service, results: resultsOf(examination, 'nats-permissions') }).toMatchObject({
        results: [{ verdict: 'ok' }],
      })
      expect(resultsOf(examination, 'nats-streams')).toMatchObject([{ verdict: 'ok' }])
    }
    const archiver = await examineQuietly({ env: envOf('archiver') })
    expect(resultsOf(archiver, 'nats-permissions')[0]?.found).toMatch(/: archiver$/)
    expect(resultsOf(archiver, 'nats-consumers')).toMatchObject([{ verdict: 'not checked' }])

    const wrong = await examineQuietly({ env: envOf('archiver'), service: 'seeder' })
    expect(kindsOf(wrong, 'nats-permissions')).toStrictEqual([['refused', 'seeder']])
    expect(resultsOf(wrong, 'nats-permissions')[0]?.found).toContain('annals.events.SeedingStarted')
    const subscriber = await examineQuietly({ env: envOf('subscriber') })
    expect(kindsOf(subscriber, 'nats-permissions')).toStrictEqual([['nobody', undefined]])

    const link = await connectNats({
      servers: envOf('setup')['NATS_URL'] ?? '',
      inboxPrefix: envOf('setup')['NATS_INBOX_PREFIX'] ?? '',
      name: 'after',
    })
    onTestFinished(() => link[Symbol.asyncDispose]())
    for (const stream of ['ANNALS', 'ANNALS_FAILURES', 'ANNALS_DLQ', 'ANNALS_CHANNEL'])
      expect((await streamInfo(link, stream))?.state.last_seq).toBe(0)
  })

  it('who may everything loses nothing of what consumers hold', async () => {
    await using own = await openOwnNamespace()
    const { logStream } = new Subjects(own.namespace)
    for (const name of ['archiver', 'scheduler']) await makeConsumer(own.nats, own.namespace, name)
    await publishMany(own.nats, own.namespace, 3)
    const consumer = await own.nats.jetstream.consumers.get(logStream, 'archiver')
    const held = await consumer.next()
    const before = await consumer.info()
    const examination = await examineQuietly({ env: own.env })
    const { found } = resultsOf(examination, 'nats-permissions')[0] ?? {}
    expect(found).toContain('archiver')
    const { ts: _before, ...was } = before
    const { ts: _after, ...is } = await consumer.info()
    expect(is).toStrictEqual(was)
    expect(is).toMatchObject({ num_ack_pending: 1, num_pending: 2 })
    expect((await streamInfo(own.nats, logStream))?.state.last_seq).toBe(3)
    held?.ack()
  })
})

describe('a consumer', () => {
  it('is told of where it is not yet there, or not as the adapter would make it', async () => {
    await using own = await openOwnNamespace()
    const all = parties
      .filter((party) => party !== 'setup' && party !== 'subscriber')
      .flatMap((party) => needsOf(party).consumers)
    for (const waku of ['', 'http://127.0.0.1:9']) {
      const fresh = await examineQuietly({ env: { ...own.env, ANNALS_WAKU_STORES: waku } })
      const names = all.filter(({ onWakuOnly }) => waku !== '' || onWakuOnly !== true).map(({ name }) => name)
      expect(kindsOf(fresh, 'nats-consumers')).toStrictEqual([['not-yet', names.join(', ')]])
    }

    await using bus = await openNatsBus({
      link: own.nats,
      namespace: own.namespace,
      replicas: 1,
      ackWaitSeconds: 10,
    })
    const [need] = needsOf('archiver').consumers
    await using _consumption = await bus.consume(
      { name: 'archiver', events: need?.events ?? [], maxDeliveries: 1, backoffSeconds: [1], concurrency: 1 },
      () => Promise.resolve(),
    )
    await makeConsumer(own.nats, own.namespace, 'magnet-dispatcher', { ack_policy: 'none', max_ack_pending: -1 })
    const look = async (env: Readonly<Record<string, string>>, service: Party): Promise<(string | undefined)[][]> =>
      kindsOf(await examineQuietly({ env: { ...own.env, ...env }, service }), 'nats-consumers')
    expect(await look({}, 'archiver')).toStrictEqual([[undefined, undefined]])
    expect(await look({ ANNALS_TAKE_OVER_SECONDS: '20' }, 'archiver')).toStrictEqual([['outdated', 'archiver']])
    await makeConsumer(own.nats, own.namespace, 'collector', { inactive_threshold: hour * 1_000_000 })
    expect(await look({}, 'collector')).toContainEqual(['unusable', 'collector'])
    const [first] = await look({}, 'magnet-dispatcher')
    expect(first).toStrictEqual(['unusable', 'magnet-dispatcher'])
  })

  it('of a process that is gone is told of after an hour, where the server would keep it for ever', async () => {
    await using own = await openOwnNamespace()
    for (const name of ['seeder-gone', 'seeder-here']) await makeConsumer(own.nats, own.namespace, name)
    await makeConsumer(own.nats, own.namespace, 'seeder-forgotten', { inactive_threshold: hour * 1_000_000 })
    await using state = await openMongoState({ link: own.mongo })
    const row = { service: 'seeder', instance: 'here', machine: 'm', startedAtMilliseconds: 0 }
    await state.collection(instances).put('seeder/here', row, 0)
    const look = async (now: () => number): Promise<(string | undefined)[][]> =>
      kindsOf(await examineQuietly({ env: own.env, now }), 'nats-stale-consumers')
    expect(await look(Date.now)).toStrictEqual([[undefined, undefined]])
    expect(await look(() => Date.now() + hour)).toStrictEqual([['stale', 'seeder-gone']])
  })

  it('with which events wait, come again or pile up is told of', async () => {
    await using own = await openOwnNamespace()
    const { logStream } = new Subjects(own.namespace)
    await publishMany(own.nats, own.namespace, 101)
    await makeConsumer(own.nats, own.namespace, 'archiver')
    await makeConsumer(own.nats, own.namespace, 'scheduler', { ack_wait: 50_000_000, max_ack_pending: 110 })
    const consumer = await own.nats.jetstream.consumers.get(logStream, 'scheduler')
    for (let round = 0; round < 2; round++) {
      const messages = await consumer.fetch({ max_messages: 101, expires: 30_000 })
      for await (const _message of messages);
    }
    const examination = await examineQuietly({ env: own.env, now: () => Date.now() + hour })
    expect(kindsOf(examination, 'nats-backlog')).toStrictEqual([
      ['unattended', 'archiver'],
      ['failing', 'scheduler'],
      ['stalled', 'scheduler'],
    ])
  })
})
