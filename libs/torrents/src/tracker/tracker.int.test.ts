import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { describe, expect, it } from 'vitest'
import { startTracker } from './start-tracker.ts'
import type { Tracker, TrackerOptions } from './start-tracker.ts'

const ours = 'a'.repeat(40)
const foreign = 'b'.repeat(40)
const binary = (hex: string): string => Buffer.from(hex, 'hex').toString('latin1')
const peerOf = (number: number): string => `-XX0001-${String(number).padStart(12, '0')}`

interface Started extends AsyncDisposable {
  readonly tracker: Tracker
  readonly refused: Record<string, number>
}

async function start(options: Partial<TrackerOptions> = {}): Promise<Started> {
  const refused: Record<string, number> = {}
  const tracker = await startTracker({
    host: '127.0.0.1',
    port: 0,
    knows: (infoHash) => infoHash === ours,
    onRefused: (reason) => (refused[reason] = (refused[reason] ?? 0) + 1),
    ...options,
  })
  return { tracker, refused, [Symbol.asyncDispose]: () => tracker[Symbol.asyncDispose]() }
}

/** A browser's end, word by word. */
async function browser({ tracker }: Started): Promise<
  AsyncDisposable & {
    readonly socket: WebSocket
    say(message: unknown): void
    next(): Promise<Record<string, unknown>>
  }
> {
  const socket = new WebSocket(tracker.socketUrl)
  const messages: Record<string, unknown>[] = []
  let heard = Promise.withResolvers<void>()
  socket.on('message', (data) => {
    messages.push(JSON.parse((data as Buffer).toString()) as Record<string, unknown>)
    heard.resolve()
  })
  await once(socket, 'open')
  return {
    socket,
    say: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    async next() {
      for (;;) {
        const message = messages.shift()
        if (message !== undefined) return message
        heard = Promise.withResolvers<void>()
        await heard.promise
      }
    },
    async [Symbol.asyncDispose]() {
      if (socket.readyState === socket.CLOSED) return
      const closed = once(socket, 'close')
      socket.terminate()
      await closed
    },
  }
}

const offer = (text: string): object => ({ offer: { type: 'offer', sdp: text }, offer_id: peerOf(99) })
const announcement = (number: number, more: object = {}): object => ({
  action: 'announce',
  info_hash: binary(ours),
  peer_id: peerOf(number),
  left: 1,
  event: 'started',
  ...more,
})

async function overHttp({ tracker }: Started, query: string, path = 'announce'): Promise<string> {
  const answer = await fetch(`${new URL(path, tracker.announceUrl).href}?${query}`)
  return Buffer.from(await answer.arrayBuffer()).toString('latin1')
}

const httpAnnouncement = (infoHash: string, port: number): string =>
  `info_hash=${infoHash.replaceAll(/../g, '%$&')}&peer_id=${peerOf(port)}&port=${port}&left=0&compact=1`

describe('over a WebSocket', () => {
  it('passes offers on to other browsers, and their answers back', async () => {
    await using started = await start()
    await using seeder = await browser(started)
    await using reader = await browser(started)
    seeder.say(announcement(1, { left: 0 }))
    expect(await seeder.next()).toMatchObject({ action: 'announce', complete: 1, incomplete: 0 })
    reader.say(announcement(2, { offers: [offer('hello'), offer('again')] }))
    expect(await reader.next()).toMatchObject({ action: 'announce', complete: 1, incomplete: 1 })
    expect(await seeder.next()).toMatchObject({ peer_id: peerOf(2), offer: { type: 'offer', sdp: 'hello' } })
    const answer = { type: 'answer', sdp: 'good day' }
    seeder.say(announcement(1, { event: undefined, left: 0, answer, to_peer_id: peerOf(2), offer_id: peerOf(99) }))
    expect(await reader.next()).toMatchObject({ peer_id: peerOf(1), answer, offer_id: peerOf(99) })
    expect(started.refused).toEqual({})
  })

  it('knows our torrents alone, and keeps nothing of others, however many come', async () => {
    await using started = await start()
    await using flooder = await browser(started)
    for (let at = 0; at < 150; at += 1)
      flooder.say(announcement(1, { info_hash: binary(at.toString(16).padStart(40, '0')), offers: [offer('x')] }))
    for (let at = 0; at < 150; at += 1)
      expect(await flooder.next()).toMatchObject({ 'failure reason': 'this torrent is not known here' })
    expect(started.refused).toEqual({ foreign: 150 })
    expect(started.tracker.desk).toMatchObject({ torrents: 0, peers: { browsers: 0, others: 0 } })
    flooder.say({ action: 'scrape', info_hash: binary(foreign) })
    expect(await flooder.next()).toMatchObject({ files: { [binary(foreign)]: { complete: 0, incomplete: 0 } } })
    flooder.say({ action: 'scrape' })
    expect(await flooder.next()).toEqual({ 'failure reason': 'invalid info_hash' })
    expect(started.tracker.desk.torrents).toBe(0)
  })

  it('lives through messages that are none, and says so to who sent them', async () => {
    await using started = await start()
    await using quiet = await browser(started)
    quiet.say(announcement(1))
    await quiet.next()
    await using hostile = await browser(started)
    const bad = [
      '',
      'null',
      '[]',
      '{"action":"announce"}',
      { action: 'scrape', info_hash: [1] },
      { action: 'scrape', info_hash: Array.from({ length: 51 }, () => binary(ours)) },
      announcement(2, { offers: [null] }),
      announcement(2, { offers: 'x'.repeat(30) }),
      announcement(2, { offers: { length: 5 } }),
      announcement(2, { offers: Array.from({ length: 11 }, () => offer('x')) }),
      announcement(2, { offers: [offer('x'.repeat(20_000))] }),
      announcement(2, { offers: [{ ...offer('x'), offer_id: '€'.repeat(20) }] }),
      announcement(2, { answer: { type: 'answer', sdp: '' }, to_peer_id: 'x' }),
      announcement(2, { info_hash: 'ab' }),
      announcement(2, { peer_id: 5 }),
    ]
    for (const message of bad) {
      hostile.say(message)
      expect(await hostile.next(), JSON.stringify(message)).toHaveProperty('failure reason')
    }
    expect(started.refused).toEqual({ malformed: bad.length })
    hostile.say(announcement(2))
    expect(await hostile.next()).toMatchObject({ incomplete: 2 })
  })

  it('takes nobody for somebody else', async () => {
    await using started = await start()
    await using seeder = await browser(started)
    seeder.say(announcement(1, { left: 0 }))
    await seeder.next()
    await using hostile = await browser(started)
    hostile.say(announcement(1, { left: 0 }))
    expect(await hostile.next()).toHaveProperty('failure reason')
    hostile.say(announcement(1, { event: 'stopped' }))
    expect(await hostile.next()).toMatchObject({ complete: 1 })
    hostile.say(announcement(2))
    expect(await hostile.next()).toMatchObject({ 'failure reason': 'a connection is for one peer id' })
    expect(started.tracker.desk.peers).toEqual({ browsers: 1, others: 0 })
  })

  it('forgets a browser with its connection', async () => {
    await using started = await start()
    {
      await using leaving = await browser(started)
      leaving.say(announcement(1))
      await leaving.next()
      expect(started.tracker.desk.peers.browsers).toBe(1)
    }
    await expect.poll(() => started.tracker.desk.peers.browsers).toBe(0)
    expect(started.tracker.desk.sockets).toBe(0)
  })

  it('closes a connection over which too much comes, or too long a message', async () => {
    await using started = await start({ limits: { messages: { burst: 3, perSecond: 0 } } })
    await using fast = await browser(started)
    for (let at = 0; at < 4; at += 1) fast.say(announcement(1))
    const [code] = (await once(fast.socket, 'close')) as [number]
    expect(code).toBe(1008)
    await using long = await browser(started)
    long.say('x'.repeat(70_000))
    await once(long.socket, 'close')
    expect(started.refused).toEqual({ 'too-fast': 1, malformed: 1 })
  })

  it('closes a connection over which a message comes in crumbs', async () => {
    await using started = await start()
    await using crumbling = await browser(started)
    const closed = once(crumbling.socket, 'close')
    for (let at = 0; at < 100; at += 1) crumbling.socket.send('x', { fin: false })
    await closed
    expect(started.refused).toEqual({ malformed: 1 })
  })

  it('passes no more offers on than a connection may make', async () => {
    await using started = await start({ limits: { offers: { burst: 1, perSecond: 0 } } })
    await using one = await browser(started)
    await using two = await browser(started)
    await using three = await browser(started)
    for (const [number, each] of [one, two].entries()) {
      each.say(announcement(number))
      await each.next()
    }
    three.say(announcement(5, { offers: [offer('x'), offer('y')] }))
    await three.next()
    expect(await Promise.race([one.next(), two.next()])).toMatchObject({ offer: { sdp: 'x' } })
    three.say(announcement(5, { offers: [offer('z')] }))
    expect(await three.next()).not.toHaveProperty('offer')
  })

  it('closes a connection that gives no sign of life', async () => {
    await using started = await start({ limits: { pingMilliseconds: 50 } })
    await using dead = await browser(started)
    dead.socket.pause()
    await expect.poll(() => started.tracker.desk.sockets).toBe(0)
    expect(started.refused).toEqual({ slow: 1 })
  })

  it('closes a connection that asks for signs of life and takes none', async () => {
    await using started = await start()
    await using deaf = await browser(started)
    deaf.socket.pause()
    const closed = once(deaf.socket, 'close')
    for (let at = 0; at < 50_000; at += 1) deaf.socket.ping(Buffer.alloc(120))
    await expect.poll(() => started.tracker.desk.sockets).toBe(0)
    deaf.socket.resume()
    await closed
  })

  it('takes so many connections, and so many of an address', async () => {
    await using started = await start({ limits: { socketsOfAddress: 1 } })
    await using _first = await browser(started)
    const [error] = (await once(new WebSocket(started.tracker.socketUrl), 'error')) as [Error]
    expect(error.message).toContain('503')
    expect(started.refused).toEqual({ full: 1 })
  })
})

describe('over HTTP', () => {
  it('names the peers of our torrents to each other, and nothing to those of others', async () => {
    await using started = await start()
    expect(await overHttp(started, httpAnnouncement(ours, 4001))).toContain('8:completei1e')
    expect(await overHttp(started, httpAnnouncement(ours, 4002))).toContain('\x7f\0\0\x01\x0f\xa1')
    expect(await overHttp(started, httpAnnouncement(foreign, 4003))).toContain('failure reason')
    expect(await overHttp(started, '', 'scrape')).toContain('failure reason')
    expect(await overHttp(started, `info_hash=${'%aa'.repeat(20)}`, 'scrape')).toContain('8:completei2e')
    expect(started.tracker.desk).toMatchObject({ torrents: 1, peers: { browsers: 0, others: 2 } })
  })

  it('is bounded by torrent and by address', async () => {
    await using started = await start({ limits: { peersOfAddress: 5 } })
    for (let port = 4001; port < 4010; port += 1) await overHttp(started, httpAnnouncement(ours, port))
    expect(started.tracker.desk.peers.others).toBe(5)
    expect(started.refused).toEqual({ full: 4 })
  })

  it('hands on no address that is none, whatever a proxy says', async () => {
    await using started = await start()
    const { desk } = started.tracker
    for (const address of ['', 'x', '999.9', '1.2.3.4, 5.6.7.8'])
      await desk.answerHttp({ path: '/announce', query: httpAnnouncement(ours, 4001), address })
    expect(desk.peers.others).toBe(0)
    expect(started.refused).toEqual({ malformed: 4 })
  })

  it('lives through requests that are none', async () => {
    await using started = await start()
    const good = httpAnnouncement(ours, 4001)
    for (const query of [
      'info_hash=x',
      `${good}&info_hash=${'%aa'.repeat(20)}`,
      good.replace('port=4001', 'port=0'),
      good.replace('peer_id=', 'peer_id=y'),
      `${good}&x=${'y'.repeat(5_000)}`,
    ])
      expect(await overHttp(started, query), query).toContain('failure reason')
    expect(await overHttp(started, `${good}&event=__proto__&numwant=-5&compact=2`)).toContain('5:peers')
  })

  it('takes no port that is none: it would be named to others, in two bytes', async () => {
    await using started = await start()
    for (const port of ['0', '65536', '-1', '1.5', '1e3', '0x10', '%31', 'NaN', ''])
      expect(await overHttp(started, httpAnnouncement(ours, 1).replace('port=1', `port=${port}`)), port).toContain(
        '12:invalid port',
      )
    expect(started.tracker.desk.peers.others).toBe(0)
  })

  it('takes nothing out of a query that only it itself may know', async () => {
    await using started = await start()
    const more = '&socket=x&s%6fcket=x&type=ws&ip=1.2.3.4&addr=1.2.3.4:5&action=3&headers=x&httpRes=x'
    expect(await overHttp(started, httpAnnouncement(ours, 4001) + more)).toContain('8:completei1e')
    expect(started.tracker.desk.peers).toEqual({ browsers: 0, others: 1 })
    await using reader = await browser(started)
    reader.say(announcement(2, { offers: [offer('hello')] }))
    expect(await reader.next()).toMatchObject({ complete: 1, incomplete: 1 })
    expect(await overHttp(started, httpAnnouncement(ours, 4002))).toContain('\x7f\0\0\x01\x0f\xa1')
  })
})

const connect = Buffer.from('0000041727101980000000000000002a', 'hex')

async function ask(port: number): Promise<AsyncDisposable & { send(packet: Buffer): void; next(): Promise<Buffer> }> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    send: (packet) => socket.send(packet, port, '127.0.0.1'),
    next: async () => ((await once(socket, 'message')) as [Buffer])[0],
    async [Symbol.asyncDispose]() {
      socket.close()
    },
  }
}

function announce(connectionId: Buffer, infoHash: string, port: number): Buffer {
  const packet = Buffer.alloc(98)
  connectionId.copy(packet)
  packet.writeUInt32BE(1, 8)
  Buffer.from(infoHash, 'hex').copy(packet, 16)
  packet.write(peerOf(port), 36, 'latin1')
  packet.writeUInt32BE(2, 80)
  // Another's address, as for a flood of that one.
  packet.writeUInt32BE(0x01020304, 84)
  packet.writeUInt32BE(50, 92)
  packet.writeUInt16BE(port, 96)
  return packet
}

describe('over UDP', () => {
  it('answers who receives where it says it is, and takes that address alone', async () => {
    await using started = await start()
    const { port } = await started.tracker.desk.listenUdp({ host: '127.0.0.1', port: 0 })
    await using client = await ask(port)
    client.send(announce(Buffer.from('0000041727101980', 'hex'), ours, 5001))
    client.send(Buffer.from('x'))
    client.send(connect)
    const id = (await client.next()).subarray(8)
    expect(started.tracker.desk.peers.others).toBe(0)
    client.send(announce(id, ours, 5001))
    await client.next()
    client.send(announce(id, ours, 5002))
    expect((await client.next()).subarray(20).toString('hex')).toBe('7f0000011389')
    client.send(announce(id, foreign, 5003))
    expect((await client.next()).readUInt32BE(0)).toBe(3)
    expect(started.refused).toEqual({ malformed: 2, foreign: 1 })
    expect(started.tracker.desk).toMatchObject({ torrents: 1, peers: { browsers: 0, others: 2 } })
  })

  it('lives through packets that break off, and through any action, event and number of peers', async () => {
    await using started = await start()
    const { port } = await started.tracker.desk.listenUdp({ host: '127.0.0.1', port: 0 })
    await using client = await ask(port)
    client.send(connect)
    const id = (await client.next()).subarray(8)
    const whole = announce(id, ours, 5001)
    for (let length = 0; length < whole.length; length += 3) client.send(whole.subarray(0, length))
    for (const [at, value] of [0, 2, 3, 9, 0xffff_ffff].entries())
      for (const offset of [8, 80, 84, 92]) {
        const odd = announce(id, ours, 5002 + at)
        odd.writeUInt32BE(value, offset)
        client.send(odd)
      }
    client.send(Buffer.concat([id, Buffer.alloc(3_000)]))
    const last = announce(id, ours, 0)
    last.writeUInt32BE(77, 12)
    const ask77 = async (): Promise<number> => {
      client.send(last)
      return (await client.next()).readUInt32BE(4)
    }
    await expect.poll(ask77).toBe(77)
  })
})
