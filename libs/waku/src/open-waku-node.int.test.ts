import { describe, expect, it } from 'vitest'
import {
  InvalidWakuAddressError,
  WakuAnswerError,
  WakuAnswerTooLargeError,
  WakuRateLimitedError,
  WakuRefusedError,
  WakuTimeoutError,
  WakuUnreachableError,
} from './errors.ts'
import { openWakuNode } from './open-waku-node.ts'
import { say, startFakeNode } from './testing/fake-node.ts'
import type { Answer } from './testing/fake-node.ts'
import { sampleMessage, sampleTopic } from './testing/sample-messages.ts'
import type { WakuNode } from './waku-node.ts'

const { pubsubTopic } = sampleTopic
const query = { pubsubTopic, contentTopics: [sampleTopic.contentTopic], pageSize: 20 }

/** What each kind of call ends with. */
async function failures(node: WakuNode): Promise<unknown[]> {
  const { message } = sampleMessage(1)
  const calls = [
    node.subscribe([pubsubTopic]),
    node.drain(pubsubTopic),
    node.publish(pubsubTopic, message),
    node.lightpush(pubsubTopic, message),
    node.storePage(query),
    node.storedHashes(query),
    node.addresses(),
  ]
  return (await Promise.allSettled(calls)).map((settled) =>
    settled.status === 'rejected' ? (settled.reason as unknown) : undefined,
  )
}

async function failuresWith(answer: Answer, timeoutMilliseconds = 5_000): Promise<unknown[]> {
  await using server = await startFakeNode(answer)
  return await failures(openWakuNode({ url: server.url, timeoutMilliseconds }))
}

const hangs: Answer = () => {}
const stalls: Answer = (_request, response) => void response.write('{"messages":[')
const cuts: Answer = (request) => void request.socket.destroy()
const breaksOff: Answer = (request, response) => {
  response.writeHead(200, { 'content-length': '1000' })
  response.write('{"messages":[', () => request.socket.destroy())
}
const part = 'x'.repeat(1024 * 1024)
const floods: Answer = (_request, response) => {
  const more = (): void => {
    if (!response.destroyed) response.write(part, more)
  }
  more()
}
const notUtf8: Answer = (_request, response) => void response.end(Buffer.from([0xff, 0xfe]))
const limits: Answer = (_request, response) => void response.writeHead(429, { 'retry-after': '7' }).end()
const tellsElsewhere: Answer = (request, response) => {
  if (request.url === '/info') response.end('{"listenAddresses":["/ip4/127.0.0.1"]}')
  else response.writeHead(404).end()
}

describe('a Waku node that answers oddly', () => {
  it('is a node that does not answer in time where it hangs, at once or half way', async () => {
    for (const answer of [hangs, stalls])
      for (const error of await failuresWith(answer, 100)) {
        expect(error).toBeInstanceOf(WakuTimeoutError)
        expect(error).toMatchObject({ limitMilliseconds: 100 })
      }
  })

  it('is a node that cannot be reached where the connection breaks off, before or within the answer', async () => {
    for (const answer of [cuts, breaksOff])
      for (const error of await failuresWith(answer)) expect(error).toBeInstanceOf(WakuUnreachableError)
    for (const error of await failures(openWakuNode({ url: 'http://127.0.0.1:1' })))
      expect(error).toBeInstanceOf(WakuUnreachableError)
  })

  it('is not read to the end where it says too much', async () => {
    for (const error of await failuresWith(floods, 60_000)) expect(error).toBeInstanceOf(WakuAnswerTooLargeError)
  })

  it('is refused where it says something else than a Waku node', async () => {
    const [, drain, , , page, hashes, addresses] = await failuresWith(say('<html>'))
    for (const error of [drain, page, hashes, addresses]) expect(error).toBeInstanceOf(WakuAnswerError)
    for (const error of await failuresWith(notUtf8)) expect(error).toBeInstanceOf(WakuAnswerError)
  })

  it.for([301, 400, 404, 412, 500, 503])('has refused with its status: %d', async (status) => {
    const refuses: Answer = (_request, response) => {
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end('because')
    }
    for (const error of await failuresWith(refuses)) {
      expect(error).toBeInstanceOf(WakuRefusedError)
      expect(error).toMatchObject({ status, detail: 'because' })
    }
  })

  it('is left alone for as long as it asks where it has had too many requests', async () => {
    await using server = await startFakeNode(limits)
    const node = openWakuNode({ url: server.url })
    const error = await node.drain(pubsubTopic).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(WakuRateLimitedError)
    expect(error).toMatchObject({ waitMilliseconds: 7_000 })
    const stop = new AbortController()
    const waiting = node.drain(pubsubTopic, stop.signal)
    stop.abort(new Error('stopped'))
    await expect(waiting).rejects.toBe(stop.signal.reason)
    expect(server.requests).toHaveLength(1)
  })
})

describe('a client of a Waku node', () => {
  it('asks as nodes are asked, cursors as they came', async () => {
    await using server = await startFakeNode(say('{"messages":[]}'))
    const node = openWakuNode({ url: `${server.url}/` })
    await node.storePage({
      ...query,
      contentTopics: ['/a', '/b'],
      fromNanoseconds: 1_732_000_000_000_000_001n,
      cursor: 'a+/=',
    })
    expect(server.requests).toStrictEqual([
      'GET /store/v3/messages?includeData=true&ascending=true&pageSize=20&pubsubTopic=%2Fwaku%2F2%2Frs%2F16%2F32' +
        '&contentTopics=%2Fa%2C%2Fb&startTime=1732000000000000001&cursor=a%2B%2F%3D',
    ])
  })

  it('publishes times with all their digits', async () => {
    let said = ''
    const answer: Answer = (_request, response, body) => {
      said = body
      response.end('OK')
    }
    await using server = await startFakeNode(answer)
    await openWakuNode({ url: server.url }).publish(pubsubTopic, sampleMessage(1).message)
    expect(said).toContain('"timestamp":1732000000000000002')
  })

  it('gives name and password to the node and shows them nowhere', async () => {
    const headers: unknown[] = []
    const answer: Answer = (request, response) => {
      headers.push(request.headers.authorization)
      response.writeHead(500).end()
    }
    await using server = await startFakeNode(answer)
    const node = openWakuNode({ url: server.url.replace('//', '//user:s%2Fcret@') })
    const error = (await node.drain(pubsubTopic).catch((thrown: unknown) => thrown)) as Error
    expect(headers).toStrictEqual([`Basic ${btoa('user:s/cret')}`])
    expect(`${node.name} ${error.message} ${error.stack}`).not.toContain('cret')
  })

  it.for(['', 'nonsense', 'ftp://waku.example', 'http://waku.example/?x=1', 'http://a:%zz@waku.example'])(
    'refuses the address "%s"',
    (url) => {
      expect(() => openWakuNode({ url })).toThrow(InvalidWakuAddressError)
    },
  )

  it.for([
    { text: '{"nodeHealth":"Ready","protocolsHealth":[]}', isReady: true },
    { text: '{"nodeHealth":"Not Ready"}', isReady: false },
    { text: '{"nodeHealth":"Initializing"}', isReady: false },
    { text: 'Node is healthy', isReady: true },
    { text: 'Node is not ready', isReady: false },
  ])('understands the health of nodes of several ages: $text', async ({ text, isReady }) => {
    await using server = await startFakeNode(say(text))
    expect(await openWakuNode({ url: server.url }).health()).toStrictEqual({ isReady, detail: text })
  })

  it('asks where newer nodes tell their addresses', async () => {
    await using server = await startFakeNode(tellsElsewhere)
    expect(await openWakuNode({ url: server.url }).addresses()).toStrictEqual(['/ip4/127.0.0.1'])
  })
})
