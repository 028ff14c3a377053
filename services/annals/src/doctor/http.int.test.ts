import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { RequestListener, Server } from 'node:http'
import { createServer, request } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import type { TestGateway } from '@annals/gateway/testing'
import { startTestGateway } from '@annals/gateway/testing'
import { addControlled, appendArchive, messageOf, testFolder, torrentOf } from '@annals/service/testing'
import { dispatches, seedings } from '@annals/storage'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freePort } from '../testing/free-port.ts'
import { quiet } from '../testing/read-examination.ts'
import { selfSigned } from '../testing/self-signed.ts'
import { checks } from './checks/index.ts'
import { DoctorContext } from './doctor-context.ts'
import type { Result } from './run-checks.ts'
import { runChecks } from './run-checks.ts'

const host = '127.0.0.1'

async function emptyFolder(): Promise<string> {
  const { path, [Symbol.asyncDispose]: remove } = await testFolder()
  onTestFinished(() => remove())
  return path
}

/** Listens until the test is over. */
async function listening(server: Server): Promise<number> {
  server.listen(0, host)
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

const serving = (answer: RequestListener): Promise<number> => listening(createServer(answer))

/** What one check says of an installation with these settings. */
async function resultsOf(check: string, env: Readonly<Record<string, string>>, service?: 'seeder'): Promise<Result[]> {
  const all = { ...quiet, ANNALS_DATA: await emptyFolder(), ...env }
  await using context = new DoctorContext({ env: all, ...(service && { service }) })
  const outcomes = await runChecks(
    checks.filter(({ name }) => name === check),
    context,
  )
  return outcomes.map(({ result }) => result)
}

/** The kinds that it finds, or what it says where there are none. */
async function lookAt(...args: Parameters<typeof resultsOf>): Promise<string[]> {
  return (await resultsOf(...args)).map(({ kind, verdict, found }) => kind ?? `${verdict}: ${found}`)
}

interface Settings {
  readonly [variable: string]: string
  readonly ANNALS_DATA: string
  readonly ANNALS_HTTP: string
  readonly ANNALS_TRACKER_UDP: string
  readonly ANNALS_PUBLIC_URL: string
}

/** A gateway that is reached under its public address on all ways, and its settings. */
async function startReached(
  override?: NonNullable<Parameters<typeof startTestGateway>[0]>['override'],
): Promise<{ readonly gateway: TestGateway; readonly env: Settings }> {
  const place = `${host}:${await freePort()}`
  const env = {
    ANNALS_HTTP: place,
    ANNALS_PUBLIC_URL: `http://${place}`,
    ANNALS_TRACKER_UDP: `${host}:${await freePort()}`,
  }
  const gateway = await startTestGateway({ env, ...(override && { override }) })
  onTestFinished(() => gateway[Symbol.asyncDispose]())
  return { gateway, env: { ...env, ANNALS_DATA: gateway.context.config.dataFolder } }
}

describe('the address of HTTP', () => {
  it('is fine where a gateway answers, or could listen', async () => {
    const { env } = await startReached()
    const [found = ''] = await lookAt('http-address', env)
    expect(found).toBe(`ok: a gateway answers at http://${env.ANNALS_HTTP}`)
    expect(await lookAt('http-address', {})).toEqual(['ok: a gateway takes any free port when it starts'])
    const free = `${host}:${await freePort()}`
    expect(await lookAt('http-address', { ANNALS_HTTP: free })).toEqual([expect.stringMatching(/^ok: nobody answers/)])
  })

  it('is found where nobody chose it, as a node keeps it', async () => {
    await using gateway = await startTestGateway()
    const env = { ANNALS_DATA: gateway.context.config.dataFolder }
    expect(await lookAt('http-address', env)).toEqual([expect.stringMatching(/^ok: a gateway answers/)])
  })

  it('must be free, and of this machine', async () => {
    const other = `${host}:${await serving((_, response) => void response.end('something else'))}`
    expect(await lookAt('http-address', { ANNALS_HTTP: other })).toEqual(['taken'])
    const rude = `${host}:${await serving((_, response) => void response.destroy())}`
    expect(await lookAt('http-address', { ANNALS_HTTP: rude })).toEqual(['taken'])
    expect(await lookAt('http-address', { ANNALS_HTTP: '192.0.2.99:80' })).toEqual(['not-ours'])
  })

  it('needs a token where several processes serve it, and is no matter where none does', async () => {
    const servers = { NATS_URL: `nats://${host}:1`, MONGODB_URI: `mongodb://${host}:1` }
    const http = { ANNALS_HTTP: `${host}:${await freePort()}` }
    expect(await lookAt('http-address', { ...servers, ...http })).toEqual(['no-token'])
    const withToken = await lookAt('http-address', { ...servers, ...http, ANNALS_TOKEN: 'x'.repeat(16) })
    expect(withToken).toEqual([expect.stringMatching(/^ok/)])
    expect(await lookAt('http-address', servers)).toEqual([])
    expect(await lookAt('http-address', { ...servers, ...http }, 'seeder')).toEqual([])
  })
})

/** A proxy before a gateway, as hosts have one. */
function proxyTo(port: number, headers: Readonly<Record<string, string>> = {}): Server {
  return createServer((asked, answer) => {
    const { url: path, method } = asked
    const { upgrade: _, ...others } = asked.headers
    const options = { host, port, path, method, headers: { ...others, connection: 'close', ...headers } }
    const asking = request(options, (response) => {
      answer.writeHead(response.statusCode ?? 0, response.headers)
      response.pipe(answer)
    })
    asking.on('error', () => answer.destroy()).end()
  })
}

/** What of connections that are upgraded a proxy hands on. */
function withUpgrades(proxy: Server, port: number): Server {
  return proxy.on('upgrade', (asked, outer) => {
    const inner = connect(port, host, () => {
      const lines = asked.rawHeaders.flatMap((name, at) =>
        at % 2 === 0 ? [`${name}: ${asked.rawHeaders[at + 1]}`] : [],
      )
      inner.write(`${[`GET ${asked.url} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`)
      inner.pipe(outer).pipe(inner)
    })
    inner.on('error', () => outer.destroy())
    outer.on('error', () => inner.destroy())
  })
}

const look = (publicUrl: string, env: Readonly<Record<string, string>> = {}): Promise<string[]> =>
  lookAt('public-address', { ...env, ANNALS_PUBLIC_URL: publicUrl })

describe('the public address', () => {
  it('is fine where the gateway is reached by it, also through a proxy', async () => {
    const { gateway, env } = await startReached()
    expect(await lookAt('public-address', env)).toEqual(['loopback'])
    const port = gateway.http?.port ?? 0
    const proxied = await listening(withUpgrades(proxyTo(port), port))
    expect(await look(`http://${host}:${proxied}`, env)).toEqual(['loopback'])
  })

  it('must not lead to the gateway of another installation, which lacks what is seeded here', async () => {
    const seeded: { communityId: string; infoHash: string }[] = []
    const { gateway, env } = await startReached(({ torrents }) => ({
      torrents: new Proxy(torrents, {
        get: (target, name): unknown => (name === 'seeding' ? () => seeded : Reflect.get(target, name, target)),
      }),
    }))
    const { context } = gateway
    const communityId = await addControlled(context)
    await appendArchive(context, communityId, [messageOf(communityId, 1_000)], 1_000)
    const infoHash = await torrentOf(context, communityId)
    await context.state.collection(seedings).put(communityId, { current: { infoHash, generation: 1 }, starts: 1 }, 0)
    const dispatch = { clockMilliseconds: 1, infoHash, magnetLink: '', message: '0x12' }
    await context.state.collection(dispatches).put(communityId, dispatch, 0)
    seeded.push({ communityId, infoHash })
    expect(await lookAt('public-address', env)).toEqual(['loopback'])
    const other = await startTestGateway()
    onTestFinished(() => other[Symbol.asyncDispose]())
    expect(await look(`http://${host}:${other.http?.port}`, env)).toEqual(['loopback', 'other'])
  })

  it('is no use without HTTP', async () => {
    const servers = { NATS_URL: `nats://${host}:1`, MONGODB_URI: `mongodb://${host}:1` }
    expect(await look('https://annals.example', servers)).toEqual(['no-http'])
  })

  it('must lead to a gateway', async () => {
    expect(await look(`http://${host}:${await freePort()}`)).toEqual(['loopback', 'unreachable'])
    // Too long for a name: nobody is asked.
    expect(await look(`http://${'x'.repeat(64)}.example`)).toEqual(['plain', 'unresolved'])
    expect(await look(`https://${'x'.repeat(64)}.example`)).toEqual(['unresolved'])
    const page = await serving((_, response) => void response.end('<html>'))
    expect(await look(`http://${host}:${page}`)).toEqual(['loopback', 'strange'])
    const endless = await serving((_, response) => {
      const more = (): void => {
        while (response.write('x'.repeat(65_536)));
      }
      response.on('drain', more)
      more()
    })
    expect(await look(`http://${host}:${endless}`)).toEqual(['loopback', 'strange'])
    const moved = await serving(
      (_, response) => void response.writeHead(301, { location: 'https://elsewhere.example/' }).end(),
    )
    const results = await resultsOf('public-address', { ANNALS_PUBLIC_URL: `http://${host}:${moved}` })
    expect(results[1]).toMatchObject({
      kind: 'strange',
      found: expect.stringContaining('https://elsewhere.example/') as unknown,
    })
  })

  it('must be the name that the gateway knows, on a proxy that hands on WebSockets', async () => {
    const { gateway, env } = await startReached()
    const port = gateway.http?.port ?? 0
    const renaming = await listening(proxyTo(port, { host: 'inner.example' }))
    expect(await look(`http://${host}:${renaming}`, env)).toEqual(['loopback', 'foreign-host'])
    const short = await listening(proxyTo(port))
    expect(await look(`http://${host}:${short}`, env)).toEqual(['loopback', 'no-websocket'])
  })

  it('must have a certificate that holds, and is sent no token', async () => {
    const { certificate: cert, privateKey: key } = selfSigned(host)
    const secure = createTlsServer({ cert, key }, (_, response) => void response.end())
    expect(await look(`https://${host}:${await listening(secure)}`)).toEqual(['loopback', 'certificate'])
    const plain = await serving((_, response) => void response.end())
    expect(await look(`https://${host}:${plain}`)).toEqual(['loopback', 'strange'])
    const headers: (string | undefined)[] = []
    const listener = await serving((asked, response) => {
      headers.push(asked.headers.authorization)
      response.end()
    })
    await look(`http://${host}:${listener}`, { ANNALS_TOKEN: 'x'.repeat(16) })
    expect(headers).toEqual([undefined])
  })
})

describe('the tracker over UDP', () => {
  it('is fine where it answers, here and as magnet links name it, or could listen', async () => {
    const { env } = await startReached()
    const named = `udp://${env.ANNALS_TRACKER_UDP}/announce`
    expect(await lookAt('udp-tracker', env)).toEqual([
      `ok: the tracker answers at ${env.ANNALS_TRACKER_UDP} and at ${named}`,
    ])
    const { ANNALS_PUBLIC_URL } = env
    const free = { ANNALS_TRACKER_UDP: `${host}:${await freePort()}`, ANNALS_PUBLIC_URL }
    expect(await lookAt('udp-tracker', free)).toEqual([expect.stringMatching(/^ok: nobody answers/)])
    expect(await lookAt('udp-tracker', {})).toEqual([])
  })

  it('must be reached as magnet links name it', async () => {
    const { env } = await startReached()
    const elsewhere = (place: string): Promise<string[]> =>
      lookAt('udp-tracker', { ...env, ANNALS_PUBLIC_TRACKER_UDP: place })
    expect(await elsewhere(`${host}:${await freePort()}`)).toEqual(['unreachable'])
    expect(await elsewhere(`${'x'.repeat(64)}.example:6969`)).toEqual(['unresolved'])
    expect(await lookAt('udp-tracker', { ANNALS_TRACKER_UDP: `${host}:0` })).toEqual(['unnamed'])
  })

  it('must be free, and of this machine', async () => {
    const other = createSocket('udp4').bind(0, host)
    await once(other, 'listening')
    onTestFinished(() => void other.close())
    const ANNALS_PUBLIC_URL = `http://${host}:1`
    const at = (place: string): Promise<string[]> =>
      lookAt('udp-tracker', { ANNALS_PUBLIC_URL, ANNALS_TRACKER_UDP: place })
    expect(await at(`${host}:${other.address().port}`)).toEqual(['taken'])
    expect(await at('192.0.2.99:6969')).toEqual(['not-ours'])
    expect(await at('[::1]:6969')).toEqual(['not-ours'])
  })
})
