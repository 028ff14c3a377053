import { chmod, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Secret } from '@annals/crypto'
import type { Party } from '@annals/deploy'
import { addControlled, openTestNode, testFolder } from '@annals/service/testing'
import { communityKeys, groupKeys } from '@annals/storage'
import { startFakeNode } from '@annals/waku/testing'
import type { Answer } from '@annals/waku/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { quiet } from '../testing/read-examination.ts'
import { checks } from './checks/index.ts'
import { DoctorContext } from './doctor-context.ts'
import type { Result } from './run-checks.ts'
import { runChecks } from './run-checks.ts'

interface NodeFolder {
  readonly env: Env
  readonly masterKeyFile: string
}

/** A folder on which a node with a private key and a group key was at work. */
async function nodeFolder(
  change?: (node: Awaited<ReturnType<typeof openTestNode>>) => Promise<void>,
): Promise<NodeFolder> {
  const { path, [Symbol.asyncDispose]: remove } = await testFolder()
  onTestFinished(() => remove())
  const node = await openTestNode({ folder: path })
  const communityId = await addControlled(node.context)
  await node.context.keys.groups.create(communityId, 1_000, false)
  await change?.(node)
  await node[Symbol.asyncDispose]()
  const data = join(path, 'data')
  const env = { ANNALS_DATA: data, ANNALS_CHANNEL: join(path, 'channel') }
  return { env, masterKeyFile: join(data, 'master.key') }
}

type Env = Readonly<Record<string, string>>

/** What these checks say, and no others, which would take their time. */
async function look(env: Env, ...names: readonly string[]): Promise<Result[]> {
  return lookAs(undefined, env, ...names)
}

async function lookAs(service: Party | undefined, env: Env, ...names: readonly string[]): Promise<Result[]> {
  await using context = new DoctorContext({ env: { ...quiet, ...env }, ...(service !== undefined && { service }) })
  const wanted = checks.filter(({ name }) => names.includes(name))
  return (await runChecks(wanted, context)).map(({ result }) => result)
}

const kindsOf = (results: readonly Result[]): (string | undefined)[] => results.map(({ kind }) => kind)

describe('the master key file', () => {
  it('that opens all keys of the store is told so, without a word of a key', async () => {
    const { env } = await nodeFolder()
    const results = await look(env, 'master-key')
    expect(results).toMatchObject([{ verdict: 'ok' }])
    expect(results[0]?.found).toContain('2 keys')
  })

  it('of a node at work is looked at as well', async () => {
    await using node = await openTestNode()
    await addControlled(node.context)
    const { dataFolder, channel } = node.context.config
    expect(await look({ ANNALS_DATA: dataFolder, ANNALS_CHANNEL: channel }, 'master-key')).toMatchObject([
      { verdict: 'ok' },
    ])
  })

  it('is lost where keys need it, and not yet there where none do', async () => {
    const { env, masterKeyFile } = await nodeFolder()
    await rm(masterKeyFile)
    expect(kindsOf(await look(env, 'master-key'))).toEqual(['lost'])
    expect(await look({ ANNALS_DATA: join(env['ANNALS_DATA'] ?? '', 'none') }, 'master-key')).toMatchObject([
      { verdict: 'ok' },
    ])
  })

  it('is exposed, malformed, or cannot be read', async () => {
    const { env, masterKeyFile } = await nodeFolder()
    await chmod(masterKeyFile, 0o644)
    expect(await look(env, 'master-key')).toMatchObject([{ kind: 'exposed', found: 'mode 0644' }])
    await chmod(masterKeyFile, 0o600)
    await writeFile(masterKeyFile, 'too short')
    expect(kindsOf(await look(env, 'master-key'))).toEqual(['malformed'])
    const below = join(masterKeyFile, 'below')
    expect(kindsOf(await look({ ...env, ANNALS_MASTER_KEY_FILE: below }, 'master-key'))).toEqual(['unreadable'])
  })

  it('is another one than keys in the store are under', async () => {
    const { env, masterKeyFile } = await nodeFolder()
    await writeFile(masterKeyFile, 'ab'.repeat(32))
    const results = await look(env, 'master-key')
    expect(results).toMatchObject([{ kind: 'unknown', verdict: 'problem' }])
    expect(results[0]?.found).toContain('2 keys')
  })

  it('opens no key that was changed in the store, and tells of one that is not encrypted', async () => {
    const { env } = await nodeFolder(async ({ context }) => {
      for await (const { id, value, version } of context.state.collection(groupKeys).list())
        await context.state.collection(groupKeys).put(id, { ...value, timestampMilliseconds: 7 }, version)
      const { communityId } = await context.keys.communities.put(new Secret(new Uint8Array(32).fill(8)))
      const rows = context.state.collection(communityKeys)
      const version = (await rows.get(communityId))?.version ?? 0
      await rows.put(communityId, { privateKey: `0x${'08'.repeat(32)}` }, version)
    })
    const results = await look(env, 'master-key')
    expect(kindsOf(results)).toEqual(['broken', 'plain'])
    expect(JSON.stringify(results)).not.toContain('08'.repeat(32))
  })

  it('must be named for services on several machines, and is not looked for by anybody else', async () => {
    const cluster = { NATS_URL: 'nats://127.0.0.1:1', MONGODB_URI: 'mongodb://127.0.0.1:1' }
    expect(kindsOf(await lookAs('archiver', cluster, 'master-key'))).toEqual(['unnamed'])
    expect(await lookAs('seeder', cluster, 'master-key')).toEqual([])
    expect(await look(cluster, 'master-key')).toMatchObject([{ verdict: 'not checked' }])
  })
})

const healthy: Answer = (request, response) =>
  void response.end(request.url === '/health' ? 'Node is healthy' : '{"requestId":"1","statusCode":200,"messages":[]}')

async function lookAt(answer: Answer | undefined): Promise<Result[]> {
  await using server = await startFakeNode(answer ?? healthy)
  const url = answer === undefined ? 'http://127.0.0.1:1' : server.url
  const env = { ANNALS_CHANNEL: 'waku', ANNALS_WAKU_RELAYS: url, ANNALS_WAKU_STORES: url }
  return await look(env, 'waku-relays', 'waku-stores')
}

describe('Waku nodes', () => {
  it('that answer are told of', async () => {
    expect(await lookAt(healthy)).toMatchObject([{ verdict: 'ok' }, { verdict: 'ok' }])
  })

  it.for<[string, Answer | undefined, readonly string[]]>([
    ['nobody', undefined, ['unreachable', 'unreachable']],
    ['what refuses', (_, response) => void response.writeHead(404).end(), ['refused', 'refused']],
    ['what has had enough', (_, response) => void response.writeHead(429).end(), ['limited', 'limited']],
    ['another program', (_, response) => void response.end('<html>'), ['waku-stores/strange']],
    ['one that is not ready', (_, response) => void response.writeHead(503).end('no peers'), ['not-ready']],
  ])('of which there is %s', async ([, answer, expected]) => {
    const found = (await lookAt(answer)).map(({ check, kind }) => [kind, `${check}/${kind}`])
    for (const each of expected) expect(found.flat()).toContain(each)
  })

  it('are needed to announce over Waku, and not looked at without', async () => {
    await using server = await startFakeNode(healthy)
    const env = { ANNALS_CHANNEL: 'waku', ANNALS_WAKU_STORES: server.url }
    expect(kindsOf(await look(env, 'waku-relays'))).toEqual(['none'])
    expect(await look({}, 'waku-stores')).toEqual([])
  })
})
