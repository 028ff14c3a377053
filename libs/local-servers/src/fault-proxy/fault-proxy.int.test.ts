import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { startFaultProxy } from './start-fault-proxy.ts'
import type { Endpoint, FaultProxy } from './start-fault-proxy.ts'

/** A server that says back what it hears, and a proxy in front of it. */
async function echoBehindProxy(): Promise<{ target: Endpoint; heard: () => string; proxy: FaultProxy }> {
  let heard = ''
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      heard += bytes.toString()
      socket.write(bytes)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const target = { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
  const proxy = await startFaultProxy(target)
  onTestFinished(async () => {
    await proxy[Symbol.asyncDispose]()
    server.close()
  })
  return { target, heard: () => heard, proxy }
}

async function open(endpoint: Endpoint): Promise<Socket> {
  const socket = connect({ ...endpoint, noDelay: true })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}

async function ask(socket: Socket, text: string): Promise<string> {
  socket.write(text)
  return said(socket, text.length)
}

async function said(socket: Socket, length: number): Promise<string> {
  let text = ''
  while (text.length < length) text += String(((await once(socket, 'data')) as [Buffer])[0])
  return text
}

/** Whatever was under way on loopback has arrived once others have gone there and back in the meantime. */
async function letPass(target: Endpoint): Promise<void> {
  const socket = await open(target)
  for (let times = 0; times < 20; times += 1) await ask(socket, '.')
}

describe('the fault proxy', () => {
  afterEach(() => void vi.useRealTimers())

  it('passes on what both sides say, and the end of it', async () => {
    const { proxy } = await echoBehindProxy()
    const socket = await open(proxy.address)
    const long = 'long '.repeat(100_000)
    expect(await ask(socket, long)).toBe(long)
    const ended = once(socket.end(), 'close')
    await expect(ended).resolves.toStrictEqual([false])
  })

  it('breaks a connection off on one side where it breaks off on the other', async () => {
    const { proxy } = await echoBehindProxy()
    const server = createServer((socket) => void socket.resetAndDestroy()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const breaking = await startFaultProxy({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
    onTestFinished(() => breaking[Symbol.asyncDispose]())
    const socket = await open(breaking.address)
    await expect(once(socket, 'data')).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(await ask(await open(proxy.address), 'hello')).toBe('hello')
  })

  it('cut: drops connections and refuses new ones, until it heals at the same address', async () => {
    const { proxy } = await echoBehindProxy()
    const socket = await open(proxy.address)
    await ask(socket, 'hello')
    const dropped = once(socket, 'data')
    await proxy.cut()
    await proxy.cut()
    await expect(dropped).rejects.toMatchObject({ code: 'ECONNRESET' })
    await expect(open(proxy.address)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await proxy.heal()
    expect(await ask(await open(proxy.address), 'again')).toBe('again')
  })

  it('cut in silence: takes connections and answers none, and loses nothing of what was said', async () => {
    const { proxy, target, heard } = await echoBehindProxy()
    const older = await open(proxy.address)
    await ask(older, 'a')
    await proxy.cut('silent')
    const newer = await open(proxy.address)
    older.write('b')
    newer.write('c')
    await letPass(target)
    expect(heard().replaceAll('.', '')).toBe('a')
    const answers = Promise.all([said(older, 1), said(newer, 1)])
    await proxy.heal()
    expect(await answers).toStrictEqual(['b', 'c'])
  })

  it('half-close: what the target says does not arrive, what it is told does', async () => {
    const { proxy, target, heard } = await echoBehindProxy()
    const socket = await open(proxy.address)
    await ask(socket, 'a')
    proxy.halfClose('toClient')
    socket.write('b')
    await vi.waitUntil(() => heard() === 'ab')
    await letPass(target)
    expect(socket.read()).toBe(null)
    const answer = said(socket, 1)
    await proxy.heal()
    expect(await answer).toBe('b')
  })

  it('delay: what is said arrives later, in order', async () => {
    const { proxy, target, heard } = await echoBehindProxy()
    const socket = await open(proxy.address)
    await ask(socket, 'a')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    proxy.delay(3_600_000)
    socket.write('b')
    socket.write('c')
    await letPass(target)
    expect(heard().replaceAll('.', '')).toBe('a')
    const answer = said(socket, 2)
    await vi.advanceTimersByTimeAsync(3_600_000)
    await vi.waitUntil(() => heard().endsWith('bc'))
    await letPass(target)
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(await answer).toBe('bc')
  })
})
