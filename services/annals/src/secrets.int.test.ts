import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { inspect } from 'node:util'
import { Secret, communityIdOfPrivateKey } from '@annals/crypto'
import { openKeyStore } from '@annals/keys'
import { openSqliteState } from '@annals/storage'
import { expect, it } from 'vitest'
import { call } from './client/call.ts'
import { ClockFile } from './clock-file.ts'
import { makeUpHistory } from './demo/make-up-history.ts'
import { RemoteNode } from './remote-node.ts'
import type { CliResult } from './testing/run-cli.ts'
import { runCli } from './testing/run-cli.ts'

const week = 604_800
const main = join(import.meta.dirname, 'main.ts')
const secretOf = (name: string): Buffer => createHash('sha256').update(`a secret that is looked for: ${name}`).digest()

/** Every form in which somebody could come upon most of a secret. */
function formsOf(secret: Buffer): Buffer[] {
  const hex = secret.toString('hex').slice(8, 40)
  // Within other bytes that are encoded with it, base64 has one of three phases.
  const base64 = [0, 1, 2].map((at) => secret.subarray(at + 3, at + 24).toString('base64'))
  const numbers = [...secret.subarray(4, 16)]
  const texts = [
    hex,
    hex.toUpperCase(),
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    numbers.join(','),
    numbers.join(', '),
    numbers.map((byte) => byte.toString(16).padStart(2, '0')).join(' '),
  ]
  return [secret.subarray(4, 20), ...texts.map((text) => Buffer.from(text))]
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

/** Which secret was found where. */
function findings(secrets: ReadonlyMap<string, Buffer>, where: string, content: Buffer): string[] {
  return [...secrets]
    .filter(([, secret]) => formsOf(secret).some((form) => content.includes(form)))
    .map(([name]) => `${name} in ${where}`)
}

it('secrets › stand in no log, error, crash report, event, nor file of a node that archives, refuses and crashes', async () => {
  const own = await mkdtemp(join(tmpdir(), 'annals-own-'))
  const left = await mkdtemp(join(tmpdir(), 'annals-left-'))
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rm(own, { recursive: true }))
  stack.defer(() => rm(left, { recursive: true }))
  const names = ['imported', 'added', 'delegated', 'group', 'archives'] as const
  const [imported, added, delegated, group, archives] = names.map(secretOf) as [Buffer, Buffer, Buffer, Buffer, Buffer]
  const masterKey = secretOf('master')
  const secrets = new Map(Object.entries({ imported, added, delegated, group, archives, masterKey }))
  const write = async (name: string, text: string): Promise<string> => {
    await writeFile(join(own, name), text, { mode: 0o600 })
    return join(own, name)
  }
  const masterKeyFile = await write('master.key', masterKey.toString('hex'))
  const start = Date.UTC(2026, 0, 5) / 1000
  const reports = join(left, 'reports')
  await mkdir(reports)
  const ids = [imported, added, delegated].map((key) => communityIdOfPrivateKey(key))
  const [importedId = '', addedId = '', delegatedId = ''] = ids
  const folder = join(left, 'node')
  const node = stack.use(
    await RemoteNode.start({
      folder,
      program: join(import.meta.dirname, 'testing', 'crashing-with-keys.main.ts'),
      environment: {
        ANNALS_CHANNEL: join(left, 'channel'),
        ANNALS_CLOCK: (await ClockFile.at(join(left, 'clock'), start + 3 * week)).setting,
        ANNALS_TRACKERS: '',
        ANNALS_TORRENT_HOST: '127.0.0.1',
        ANNALS_TORRENT_DHT: 'off',
        ANNALS_LOG: 'debug',
        ANNALS_MASTER_KEY_FILE: masterKeyFile,
        COMMUNITIES: ids.join(','),
        NODE_OPTIONS: `--report-directory=${reports}`,
      },
    }),
  )
  const said: CliResult[] = []
  const cli = async (...args: string[]): Promise<CliResult> => {
    const result = await runCli([...args, '--address', node.process.address, '--data', join(folder, 'data')])
    said.push(result)
    return result
  }

  // What it takes in, and what it refuses.
  const importFile = await write('imported.hex', imported.toString('hex'))
  expect(await cli('keys', 'import', importFile)).toMatchObject({ exitCode: 0 })
  expect(await cli('keys', 'import', importFile, '--json')).toMatchObject({ exitCode: 0 })
  for (const text of [`${imported.toString('hex')}z`, imported.toString('base64'), imported.toString('hex').slice(1)])
    expect(await cli('keys', 'import', await write('wrong.hex', text))).toMatchObject({ exitCode: 2 })
  expect(await cli('community', 'add', '--kept-key', importedId, '--chat', 'irc')).toMatchObject({ exitCode: 0 })
  const addFile = await write('added.hex', added.toString('hex').toUpperCase())
  expect(await cli('community', 'add', '--key-file', addFile, '--archive')).toMatchObject({ exitCode: 0 })
  expect(await cli('community', 'add', '--key-file', addFile)).toMatchObject({ exitCode: 1 })
  expect(await cli('keys', 'delegate', addedId)).toMatchObject({ exitCode: 1 })
  expect(await cli('keys', 'list')).toMatchObject({ exitCode: 0 })
  // Its archives are encrypted under this one.
  const groupFile = await write('archives.hex', archives.toString('hex'))
  const importGroupKey = ['group-keys', 'import', importedId, groupFile]
  expect(await cli(...importGroupKey, '--timestamp', '1704067200123')).toMatchObject({ exitCode: 0 })
  expect(await cli(...importGroupKey, '--timestamp', '0')).toMatchObject({ exitCode: 2 })
  expect(await cli(...importGroupKey)).toMatchObject({ exitCode: 2 })
  expect(await cli('group-keys', 'list', '--json')).toMatchObject({ exitCode: 0 })
  expect(await cli('keys', 'rotate')).toMatchObject({ exitCode: 0 })
  const refused: unknown[] = []
  for (const privateKey of [Buffer.concat([imported, Buffer.of(0)]), imported.subarray(1)])
    refused.push(await call(node.client, node.client.api.importKey, { privateKey }).catch((error: unknown) => error))
  expect(refused).toMatchObject([{ name: 'NodeError' }, { name: 'NodeError' }])

  // Its work, by a key that it has and by one that its owner has.
  await node.import(importedId, makeUpHistory(start, 2, 20), () => undefined)
  expect(await cli('community', 'enable', importedId)).toMatchObject({ exitCode: 0 })
  await node.event('MagnetLinkDispatched')
  const { signerToken } = await call(node.client, node.client.api.delegateSigning, { communityId: delegatedId })
  secrets.set('signer token', Buffer.from(signerToken, 'hex'))
  expect(await cli('community', 'add', '--kept-key', delegatedId)).toMatchObject({ exitCode: 0 })
  await ownerSigns(own, left, node.process.address, delegated, signerToken)

  // Its end.
  process.kill(node.process.pid, 'SIGUSR2')
  await node.process.ended()
  expect(node.process.ending).toBe(1)
  expect(await readFile(node.process.logFile, 'utf8')).toContain('about to die with')

  await keepGroupKey(join(folder, 'data', 'state.db'), masterKeyFile, importedId, group)
  const texts = [inspect(said), inspect(refused, { depth: 9, showHidden: true }), inspect(node.events, { depth: 9 })]
  const found = texts.flatMap((text, at) => findings(secrets, `text ${at}`, Buffer.from(text)))
  for (const event of node.events) found.push(...findings(secrets, event.id, event.payload?.value ?? Buffer.alloc(0)))
  const files = await filesIn(left)
  for (const file of files) found.push(...findings(secrets, file, await readFile(file)))
  expect(found).toEqual([])
  // It did look.
  expect(await readdir(reports)).toHaveLength(1)
  const leftBehind = files.map((file) => file.slice(left.length + 1))
  expect(leftBehind).toEqual(
    expect.arrayContaining(['node/data/state.db', 'node/data/events.db', 'node/node.log', 'signer.log']),
  )
  expect(findings(secrets, 'its own file', await readFile(importFile))).toEqual(['imported in its own file'])
})

/** Runs the owner's signer until the host has taken it. Its output stays in the folder of what is left. */
async function ownerSigns(own: string, left: string, address: string, key: Buffer, token: string): Promise<void> {
  const keyFile = join(own, 'delegated.hex')
  const tokenFile = join(own, 'token')
  await writeFile(keyFile, key.toString('hex'))
  await writeFile(tokenFile, token)
  const args = ['signer', '--address', address, '--key-file', keyFile, '--token-file', tokenFile, '--json']
  const child = spawn(process.execPath, [main, ...args, '--memory', join(left, 'signer')], {
    env: { PATH: process.env['PATH'] ?? '', ANNALS_DATA: join(left, 'signer-data'), NODE_DEBUG: 'http2' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  const lines: string[] = []
  child.stderr.on('data', (data: Buffer) => lines.push(data.toString('latin1')))
  for await (const line of createInterface(child.stdout)) {
    lines.push(line)
    if (line.includes('"attached":true')) break
  }
  child.kill('SIGINT')
  expect((await exited)[0]).toBe(0)
  await writeFile(join(left, 'signer.log'), lines.join('\n'))
}

async function keepGroupKey(path: string, masterKeyFile: string, communityId: string, key: Buffer): Promise<void> {
  await using state = await openSqliteState({ path })
  const log = { info: (): void => undefined, warn: (): void => undefined }
  const { groups } = await openKeyStore({ state, masterKeyFile, make: false, log })
  const groupId = Buffer.from(communityId.slice(2), 'hex')
  const keyId = createHash('sha256').update(key).digest()
  const info = { communityId, groupId, keyId, timestampMilliseconds: 5, deprecatedKeyId: 5 }
  await groups.put({ ...info, key: new Secret(key) })
  await groups.reserveSequences(communityId, keyId)
}
