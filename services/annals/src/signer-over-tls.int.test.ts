import type { AddressInfo } from 'node:net'
import type { TestGateway } from '@annals/gateway/testing'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { createServer } from 'node:tls'
import { SignerUnavailableError, communityIdOfPrivateKey, decodeMagnetMessage, signMagnetMessage } from '@annals/crypto'
import { startTestGateway } from '@annals/gateway/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommandLine } from './command-line.ts'
import { commands } from './commands/index.ts'
import type { SelfSigned } from './testing/self-signed.ts'
import { selfSigned } from './testing/self-signed.ts'

/** Reaches this machine, and is not taken for it: the signer insists on TLS. */
const host = '0.0.0.0'
const privateKey = new Uint8Array(32).fill(61)
const communityId = communityIdOfPrivateKey(privateKey)

let gateway: TestGateway
let folder: string
beforeAll(async () => {
  gateway = await startTestGateway()
  folder = await mkdtemp(join(tmpdir(), 'annals-tls-'))
  const token = await gateway.context.keys.communities.delegate(communityId)
  await writeFile(join(folder, 'key.hex'), Buffer.from(privateKey).toString('hex'))
  await writeFile(join(folder, 'token'), Buffer.from(token.reveal()).toString('hex'))
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

/** A proxy that ends TLS before the gateway, as a host has one. */
async function startProxy({ certificate, privateKey: key }: SelfSigned) {
  const { address } = gateway
  const options = address.kind === 'socket' ? { path: address.path } : { host: address.host, port: address.port }
  const server = createServer({ cert: certificate, key, ALPNProtocols: ['h2'] }, (outer) => {
    const inner = connect(options)
    outer.on('error', () => inner.destroy()).pipe(inner)
    inner.on('error', () => outer.destroy()).pipe(outer)
  })
  server.on('tlsClientError', () => undefined)
  server.listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    address: `${host}:${port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}

/** Runs the signer until it says a line of this kind; answers all that it said. */
async function runUntil(address: string, attached: boolean, args: readonly string[], work = async () => {}) {
  const stop = new AbortController()
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const own = ['--key-file', join(folder, 'key.hex'), '--token-file', join(folder, 'token')]
  const all = ['signer', '--address', address, ...own, '--memory', join(folder, 'memory'), '--json', ...args]
  const ended = runCommandLine(all, { env: {}, stdout, stderr, signal: stop.signal, commands })
  const said: Record<string, unknown>[] = []
  for await (const line of createInterface(stdout)) {
    said.push(JSON.parse(line) as Record<string, unknown>)
    if (said.at(-1)?.['attached'] === attached) break
  }
  await work()
  stop.abort()
  expect(await ended).toBe(0)
  return said
}

async function announce(): Promise<Uint8Array> {
  const request = { communityId, clockMilliseconds: Date.now(), magnetLink: `magnet:?xt=urn:btih:${'a'.repeat(40)}` }
  for (;;)
    try {
      return await signMagnetMessage(gateway.context.signer, request)
    } catch (error) {
      if (!(error instanceof SignerUnavailableError)) throw error
      await setImmediate()
    }
}

describe('annals signer over TLS', () => {
  it('signs for a host whose certificate it was given', async () => {
    const certificate = selfSigned(host)
    await using proxy = await startProxy(certificate)
    const ca = join(folder, 'ca.pem')
    await writeFile(ca, certificate.certificate)
    let message: Uint8Array | undefined
    await runUntil(proxy.address, true, ['--ca', ca], async () => {
      message = await announce()
    })
    expect(decodeMagnetMessage(message ?? new Uint8Array()).communityId).toBe(communityId)
  })

  it.for([
    ['that nobody vouches for', host, false],
    ['of another than the one it was given', host, true],
    ['of another address', '127.0.0.9', undefined],
  ] as const)('stays away from a host with a certificate %s', async ([, address, another]) => {
    const certificate = selfSigned(address)
    await using proxy = await startProxy(certificate)
    const ca = join(folder, `ca-${address}-${another}.pem`)
    await writeFile(ca, (another === true ? selfSigned(host) : certificate).certificate)
    const said = await runUntil(proxy.address, false, another === false ? [] : ['--ca', ca])
    expect(said.some(({ attached }) => attached === true)).toBe(false)
  })

  it('says so where the certificates that it is to trust cannot be read', async () => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    const own = ['--key-file', join(folder, 'key.hex'), '--token-file', join(folder, 'token')]
    const args = ['signer', '--address', `${host}:1`, ...own, '--memory', join(folder, 'memory'), '--ca', '/none']
    const signal = new AbortController().signal
    expect(await runCommandLine(args, { env: {}, stdout, stderr, signal, commands })).toBe(2)
  })
})
