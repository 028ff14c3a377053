import type { TestGateway } from '@annals/gateway/testing'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { communityIdOfPrivateKey, encodeMagnetMessage } from '@annals/crypto'
import { addressText } from '@annals/gateway'
import { startTestGateway } from '@annals/gateway/testing'
import { announcementProbes, fetchProbes } from '@annals/storage'
import type { CliResult } from './testing/run-cli.ts'
import { runCli, runJson } from './testing/run-cli.ts'

interface Community {
  communityId: string
  chats?: { channelId: string; name: string }[]
  controlNode?: boolean
  joined?: boolean
  archivingOn?: boolean
}

let gateway: TestGateway
let folder: string
beforeAll(async () => {
  gateway = await startTestGateway()
  folder = await mkdtemp(join(tmpdir(), 'annals-cli-'))
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const env = (): Record<string, string> => ({ ANNALS_DATA: gateway.context.config.dataFolder })

/** The program in a process of its own. */
async function runProcess(...args: string[]): Promise<CliResult> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: folder },
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { exitCode: exitCode as number, stdout, stderr }
}

const line = (i: number): string =>
  JSON.stringify({ channel: 'irc', author: 'ada', timestamp: 1000 + i, text: `text ${i}` })

describe('the process', () => {
  it('helps, and says its version', async () => {
    const help = await runProcess('--help')
    expect(help).toMatchObject({ exitCode: 0, stderr: '' })
    for (const command of [
      'up',
      'demo',
      'community',
      'keys',
      'signer',
      'import',
      'status',
      'archives',
      'verify',
      'fetch',
      'seed',
      'events',
      'dead-letters',
      'replay',
      'doctor',
    ])
      expect(help.stdout).toMatch(new RegExp(`^  ${command} `, 'm'))
    expect((await runProcess('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it('says that no node answers, what to do about it, and ends with 3', async () => {
    const { exitCode, stdout, stderr } = await runProcess('status')
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' })
    expect(stderr).toContain('annals up')
  })

  it('ends with 2 where it makes no sense', async () => {
    expect((await runProcess('nonsense')).exitCode).toBe(2)
    expect((await runProcess('status', '--address', 'nowhere')).exitCode).toBe(2)
  })
})

describe('every command', () => {
  const all = [
    ['community'],
    ...['import', 'create', 'list', 'delegate', 'rotate'].map((name) => ['keys', name]),
    ...['add', 'list', 'show', 'enable', 'disable', 'leave', 'chats'].map((name) => ['community', name]),
    ...['import', 'status', 'archives', 'verify', 'fetch', 'seed', 'up', 'demo', 'replay', 'signer'].map((name) => [
      name,
    ]),
    ...['tail', 'show'].map((name) => ['events', name]),
    ...['list', 'show', 'replay', 'drop'].map((name) => ['dead-letters', name]),
  ]
  it.each(all)('%s %s helps', async (...command) => {
    const { exitCode, stdout } = await runCli([...command, '--help'])
    expect(exitCode).toBe(0)
    expect(stdout).toContain(`Usage: annals ${command.join(' ')}`)
  })

  it.each([
    [[]],
    [['community', 'nonsense']],
    [['community', 'add', '--nonsense']],
    [['community', 'show']],
    [['import', 'x.json']],
    [['import', '--community', 'x']],
    [['archives']],
    [['events', 'tail', '--after', 'x']],
    [['events', 'show', '0']],
    [['events', 'show', 'ArchiveDue']],
    [['events', 'show', 'Nonsense/0x/1']],
    [['dead-letters', 'show', 'x']],
    [['dead-letters', 'list', '--community', 'x']],
    [['dead-letters', 'replay']],
    [['dead-letters', 'replay', '1', '--all']],
    [['dead-letters', 'replay', '1', '--consumer', 'x']],
    [['dead-letters', 'replay', '1', 'x']],
    [['dead-letters', 'drop', '1']],
    [['verify']],
    [['verify', 'x', '--max-bytes', '1e3']],
    [['community', 'add', '--member', '0x', '--key-file', 'x']],
    [['community', 'add', '--chat', '=x']],
    [['community', 'add', '--key-file', '/nowhere/key']],
  ])('ends with 2 for %j', async (args) => {
    expect(await runCli(args, env())).toMatchObject({ exitCode: 2, stdout: '' })
  })

  it('ends with 2 for settings that cannot be used, and names them', async () => {
    const { exitCode, stderr } = await runCli(['status'], { ANNALS_LOG: 'loud', ANNALS_NONSENSE: '1' })
    expect(exitCode).toBe(2)
    expect(stderr).toContain('ANNALS_LOG')
    expect(stderr).toContain('ANNALS_NONSENSE')
  })

  it('ends with 3 where nobody listens', async () => {
    expect(await runCli(['status', '--address', '127.0.0.1:1'])).toMatchObject({ exitCode: 3, stdout: '' })
    expect(await runCli(['import', folder, '--community', 'x', '--data', folder])).toMatchObject({
      exitCode: 3,
      stdout: '',
    })
  })
})

describe('against a node', () => {
  it('goes through the life of a community', async () => {
    const added = await runJson<Community>(
      ['community', 'add', '--name', 'C', '--chat', 'general', '--chat', 'random=r1'],
      env(),
    )
    expect(added).toMatchObject({ controlNode: true, joined: true })
    expect(added.chats?.map(({ name }) => name)).toEqual(['general', 'random'])
    const { communityId } = added
    expect((await runJson<Community>(['community', 'enable', communityId], env())).archivingOn).toBe(true)
    expect((await runJson<Community>(['community', 'disable', communityId], env())).archivingOn).toBe(false)
    const chats = await runJson<Community>(['community', 'chats', communityId, '--chat', 'only=o1'], env())
    expect(chats.chats).toEqual([{ channelId: 'o1', name: 'only' }])
    expect(await runJson<Community>(['community', 'show', communityId], env())).toEqual(chats)
    const listed = await runJson<Community[]>(['community', 'list'], env())
    expect(listed).toContainEqual(chats)
    expect((await runJson<Community>(['community', 'leave', communityId], env())).joined).toBe(false)
    const { exitCode, stderr } = await runCli(['community', 'leave', communityId], env())
    expect(exitCode).toBe(1)
    expect(stderr).toContain(communityId)
  })

  it('takes a key from a file and a community to be a member of, with archiving on at once', async () => {
    const keyFile = join(folder, 'key.hex')
    await writeFile(keyFile, `0x${'11'.repeat(32)}\n`)
    const own = await runJson<Community>(['community', 'add', '--key-file', keyFile, '--archive'], env())
    expect(own).toMatchObject({ controlNode: true, archivingOn: true })
    await writeFile(keyFile, 'secret')
    const { exitCode, stderr } = await runCli(['community', 'add', '--key-file', keyFile], env())
    expect(exitCode).toBe(2)
    expect(stderr).not.toContain('secret')
    const member = await runJson<Community>(
      ['community', 'add', '--member', '0x0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798'],
      env(),
    )
    expect(member.controlNode).toBe(false)
  })

  it('says what is wrong with a request, and ends with 2', async () => {
    const { exitCode, stderr } = await runCli(['community', 'show', '0x12'], env())
    expect(exitCode).toBe(2)
    expect(stderr).toContain('community_id')
  })

  it('imports exports, again only what is new, and says what was set aside', async () => {
    const { communityId } = await runJson<Community>(['community', 'add'], env())
    const file = join(folder, 'export.ndjson')
    const lines = Array.from({ length: 1200 }, (_, i) => line(i))
    await writeFile(file, [...lines, line(7), 'nonsense', ''].join('\n'))
    const first = await runJson<Record<string, unknown>>(['import', file, '--community', communityId], env())
    expect(first).toMatchObject({
      files: 1,
      records: 1202,
      stored: 1200,
      known: 0,
      repeated: 1,
      setAside: 1,
      failedFiles: [],
    })
    expect(first['newChats']).toMatchObject([{ name: 'irc' }])
    expect(first['reasons']).toMatchObject([expect.stringContaining('line 1202')])
    await writeFile(file, [...lines, line(2000)].join('\n'))
    const again = await runJson<Record<string, unknown>>(['import', file, '--community', communityId], env())
    expect(again).toMatchObject({ stored: 1, known: 1200, repeated: 0, newChats: [] })
    const { exitCode, stdout, stderr } = await runCli(['import', file, '--community', communityId], env())
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/known before +1201/) })
    expect(stderr).toContain('importing 100 %')
  })

  it('imports the other files where one cannot be read, and ends with 1', async () => {
    const { communityId } = await runJson<Community>(['community', 'add'], env())
    const exports = await mkdtemp(join(folder, 'exports-'))
    await writeFile(
      join(exports, 'a.json'),
      '{"guild":{},"channel":{"id":"1","name":"a"},"messages":[{"id":"1","type":',
    )
    await writeFile(join(exports, 'b.ndjson'), '{"channel":"b","author":"x","timestamp":5,"text":"hi"}')
    const { exitCode, stdout } = await runCli(['import', exports, '--community', communityId, '--json'], env())
    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ files: 2, stored: 1, failedFiles: [expect.stringContaining('a.json')] })
    const refused = await runCli(['import', exports, '--community', `0x02${'0'.repeat(64)}`], env())
    expect(refused.exitCode).toBe(2)
  })

  it('shows status, for people and for programs', async () => {
    const status = await runJson<{ version: string; communities: unknown[] }>(['status'], env())
    expect(status.version).toMatch(/^\d/)
    expect(status.communities.length).toBeGreaterThan(0)
    const { stdout } = await runCli(['status'], env())
    expect(stdout).toContain('control node')
  })

  it('hands over what a chat application got, and says what came of it', async () => {
    const privateKey = new Uint8Array(32).fill(77)
    const communityId = communityIdOfPrivateKey(privateKey)
    await runJson(['community', 'add', '--member', communityId, '--archive'], env())
    const file = join(folder, 'answer.bin')
    const magnetLink = `magnet:?xt=urn:btih:${'a'.repeat(40)}`
    await writeFile(file, encodeMagnetMessage({ privateKey, clockMilliseconds: 5, magnetLink }))
    const hand = ['fetch', communityId, '--message', file]
    expect(await runJson(hand, env())).toEqual({ takenInfoHash: 'a'.repeat(40) })
    expect(await runJson(hand, env())).toEqual({ knownInfoHash: 'a'.repeat(40) })
    await writeFile(file, 'nothing')
    expect(await runCli(hand, env())).toMatchObject({ exitCode: 1 })
    expect(await runCli([...hand, magnetLink], env())).toMatchObject({ exitCode: 2 })
    expect(await runCli(['fetch', communityId], env())).toMatchObject({ exitCode: 2 })
  })

  it('shows what was refused', async () => {
    const { communityId } = await runJson<Community>(['community', 'add', '--archive'], env())
    gateway.context.refusals.count({ communityId, what: 'announcement', reason: 'wrong-signer', times: 3 })
    await gateway.context.refusals.flush()
    const { stdout } = await runCli(['status', '--community', communityId], env())
    expect(stdout).toMatch(/3 × announcement, wrong-signer, last at \d{4}-/)
  })

  it('shows since when who comes new does not find the announcement', async () => {
    const { communityId } = await runJson<Community>(['community', 'add', '--archive'], env())
    const probe = { infoHash: 'a'.repeat(40), publishedAfter: 1, missingSince: 1_700_000_000, repetitions: 2 }
    await gateway.context.state.collection(announcementProbes).put(communityId, probe, 0)
    const { stdout } = await runCli(['status', '--community', communityId], env())
    expect(stdout).toMatch(/announcement +never found by who comes new; missing since 2023-11-14.*again 2 times/)
  })

  it('shows since when strangers do not get the newest archive', async () => {
    const { communityId } = await runJson<Community>(['community', 'add', '--archive'], env())
    const failed = { failures: 2, failedSince: 1_700_000_000, failure: 'no-peers', webSeed: { failure: 'refused' } }
    const probe = { infoHash: 'a'.repeat(40), dueAt: 1, fetchedAt: 1_600_000_000, ...failed }
    await gateway.context.state.collection(fetchProbes).put(communityId, probe, 0)
    const { stdout } = await runCli(['status', '--community', communityId], env())
    expect(stdout).toMatch(
      /strangers +got it last at 2020-09-13.*; not since 2023-11-14.*: no-peers; web seed: refused/,
    )
  })

  it('lists no archives where there are none, and seeds nothing', async () => {
    const { communityId } = await runJson<Community>(['community', 'add', '--archive'], env())
    expect((await runCli(['archives', communityId], env())).stdout).toContain('no archives yet')
    expect((await runCli(['seed', communityId], env())).exitCode).toBe(1)
    const fetched = await runCli(['fetch', communityId, `magnet:?xt=urn:btih:${'a'.repeat(40)}`], env())
    expect(fetched.exitCode).toBe(1)
  })

  it('prints the log, one event a line, with payloads', async () => {
    const { stdout } = await runCli(['events', 'tail', '--no-follow', '--json', '--name', 'CommunityAdded'], env())
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { name: string; sequence: number; payload: object })
    expect(events.length).toBeGreaterThan(1)
    expect(new Set(events.map(({ name }) => name))).toEqual(new Set(['CommunityAdded']))
    expect(events[0]?.payload).toMatchObject({ controlNode: true, name: 'C' })
    const after = String(events[0]?.sequence)
    const rest = await runCli(
      ['events', 'tail', '--no-follow', '--json', '--name', 'CommunityAdded', '--after', after],
      env(),
    )
    expect(rest.stdout.trim().split('\n')).toHaveLength(events.length - 1)
    const people = await runCli(['events', 'tail', '--no-follow', '--after', after], env())
    expect(people.stdout).toContain('ArchivingEnabled')
    expect((await runCli(['events', 'tail', '--name', 'Nonsense'], env())).exitCode).toBe(2)
  })

  it('follows until it is told to stop, and then ends with 0', async () => {
    const stop = new AbortController()
    const tail = runCli(['events', 'tail', '--json'], env(), stop.signal)
    await runJson(['community', 'list'], env())
    stop.abort()
    expect((await tail).exitCode).toBe(0)
  })

  it('takes global options before and behind the command', async () => {
    const { dataFolder } = gateway.context.config
    for (const args of [
      ['--data', dataFolder, 'status', '--json'],
      ['status', '--json', '--data', dataFolder],
      ['--json', 'status', '--address', addressText(gateway.address)],
    ]) {
      const { exitCode, stdout } = await runCli(args)
      expect({ args, exitCode, version: (JSON.parse(stdout) as { version: string }).version }).toMatchObject({
        args,
        exitCode: 0,
        version: expect.stringMatching(/^\d/),
      })
    }
  })

  it('brings the token, and ends with 1 without it', async () => {
    const token = 'a-secret-of-enough-length'
    await using guarded = await startTestGateway({ env: { ANNALS_TOKEN: token } })
    const address = addressText(guarded.address)
    expect((await runCli(['status', '--address', address, '--token', token])).exitCode).toBe(0)
    const { exitCode, stderr } = await runCli(['status', '--address', address])
    expect(exitCode).toBe(1)
    expect(stderr).toContain('ANNALS_TOKEN')
  })
})
