import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { MessageStore } from '@annals/storage'
import { addControlled, messageOf } from '@annals/service/testing'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestGateway } from '../testing/index.ts'
import { startTestGateway } from '../testing/index.ts'
import { askHttp, operatorOf, reasonOf } from '../testing/http-client.ts'

const logged: string[] = []
/** Batches of messages that were read of the store, and how many readings are under way. */
const reading = { batches: 0, open: 0 }
let gateway: TestGateway
let token: string
let communityId: string
beforeAll(async () => {
  const log = pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) })
  gateway = await startTestGateway({
    httpLimits: { requestsPerMinute: 10_000 },
    override: ({ messages }) => ({ log, messages: endless(messages) }),
  })
  token = await operatorOf(gateway)
  communityId = await addControlled(gateway.context)
})
afterAll(() => gateway[Symbol.asyncDispose]())

/** A store whose messages come to no end. */
function endless(messages: MessageStore): MessageStore {
  return Object.assign(Object.create(messages) as MessageStore, {
    async *range(id: string) {
      reading.open += 1
      try {
        for (let at = 1; ; at += 1) {
          reading.batches += 1
          yield [messageOf(id, at, { payloadBytes: 50_000 })]
        }
      } finally {
        reading.open -= 1
      }
    },
  })
}

function dial(to = gateway): Socket {
  const socket = connect(to.http?.port ?? 0, '127.0.0.1')
  socket.on('error', () => undefined)
  return socket
}

/** All that comes back until the other end hangs up. */
async function answerTo(...bytes: (string | Buffer)[]): Promise<string> {
  const socket = dial()
  for (const part of bytes) socket.write(part)
  const parts: Buffer[] = []
  socket.on('data', (part: Buffer) => parts.push(part))
  // Also where it is reset, which `once` would take for a failure.
  await new Promise<void>((resolve) => socket.on('close', () => resolve()))
  return Buffer.concat(parts).toString()
}

function put(headers: string, body: Buffer): Promise<string> {
  const head =
    `PUT /api/v1/communities/${communityId}/chats HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n` +
    `authorization: Bearer ${token}\r\ncontent-type: application/json\r\n`
  return answerTo(`${head}${headers}content-length: ${body.length}\r\n\r\n`, body)
}

describe('what is no request', () => {
  const get = 'GET / HTTP/1.1\r\nhost: localhost\r\n'
  const post = `POST /api/v1/keys HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n`
  it.for([
    ['no HTTP', 'NONSENSE\r\n\r\n', 400, 'REQUEST_MALFORMED'],
    ['a header without end', `${get}x: ${'y'.repeat(20_000)}`, 431, 'HEADERS_TOO_LARGE'],
    ['a flood of headers', `${get}${'x: y\r\n'.repeat(5_000)}\r\n`, 431, 'HEADERS_TOO_LARGE'],
    [
      'two lengths',
      `${post}transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n0\r\n\r\n`,
      400,
      'REQUEST_MALFORMED',
    ],
    ['no host', 'GET / HTTP/1.1\r\nconnection: close\r\n\r\n', 421, 'HOST_UNKNOWN'],
    ['an unknown expectation', `${post}expect: 200-ok\r\ncontent-length: 2\r\n\r\n{}`, 417, 'EXPECTATION_UNKNOWN'],
  ] as const)('is refused as everything else is: %s', async ([, bytes, status, reason]) => {
    const answer = await answerTo(bytes)
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(answer).toMatch(/content-type: application\/problem\+json/)
    expect(answer).toContain("default-src 'none'")
    expect(answer).toContain(`{"type":"urn:annals:problem:${reason}"`)
  })

  it.for(['TRACE', 'OPTIONS', 'PATCH', 'PROPFIND', 'QUERY'])('is %s, to everybody', async (method) => {
    const answer = await askHttp(gateway, '/api/v1/status', { method, token })
    expect(answer).toMatchObject({ status: 404 })
    expect(reasonOf(answer)).toBe('ROUTE_UNKNOWN')
  })

  it.for(['/%2e%2e/%2e%2e/etc/passwd', '/..%2f..%2fetc/passwd', '//', '/%00', '/__proto__', `/${'a'.repeat(15_000)}`])(
    'is a path that leads out of the page: %s',
    async (path) => {
      expect(reasonOf(await askHttp(gateway, path))).toBe('ROUTE_UNKNOWN')
    },
  )
})

describe('a body', () => {
  it('in an encoding that is unknown, or is not what it says, is refused', async () => {
    expect(await put('content-encoding: foo\r\n', Buffer.from('{}'))).toContain('urn:annals:problem:ENCODING_UNKNOWN')
    expect(await put('content-encoding: gzip\r\n', Buffer.from('{}'))).toContain('urn:annals:problem:BODY_MALFORMED')
  })

  it('that unpacks to more than is taken is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000, ' '))
    expect(await put('content-encoding: gzip\r\n', bomb)).toContain('urn:annals:problem:BODY_TOO_LARGE')
  })

  it('of whatever depth, length or number is refused in a word', async () => {
    for (const body of [
      '['.repeat(400_000) + ']'.repeat(400_000),
      `${'{"chats":'.repeat(90_000)}1${'}'.repeat(90_000)}`,
      `{"chats":[${'{},'.repeat(300_000)}{}]}`,
      `{"${'k'.repeat(1_000_000)}":1}`,
    ]) {
      const path = `/api/v1/communities/${communityId}/chats`
      const answer = await askHttp(gateway, path, { method: 'PUT', token, body })
      expect(reasonOf(answer)).toBe('INVALID_REQUEST')
      expect(answer.text.length).toBeLessThan(1_000)
    }
    for (const number of ['9007199254740993', '-1', '1e400'])
      expect(reasonOf(await askHttp(gateway, `/api/v1/log/${number}`, { token }))).toBe('INVALID_REQUEST')
  })
})

describe('a condition', () => {
  const document = '/api/openapi.json'

  it('is met by a tag of many, by a weak one, and by any', async () => {
    const tag = String((await askHttp(gateway, document)).headers.etag)
    for (const ifNoneMatch of [tag, tag.replace('W/', ''), `"x", ${tag}`, '*'])
      for (const method of ['GET', 'HEAD'])
        expect(await askHttp(gateway, document, { method, headers: { 'if-none-match': ifNoneMatch } })).toMatchObject({
          status: 304,
          text: '',
        })
    expect(await askHttp(gateway, document, { headers: { 'if-none-match': '"x"' } })).toMatchObject({ status: 200 })
  })

  it('is not strong where encodings differ', async () => {
    for (const encoding of ['identity', 'gzip', 'br'])
      expect((await askHttp(gateway, document, { headers: { 'accept-encoding': encoding } })).headers.etag).toMatch(
        /^W\/"/,
      )
  })

  it('makes no success of a refusal, and no silence of a command', async () => {
    const refused = await askHttp(gateway, '/api/v1/status')
    const headers = { 'if-none-match': String(refused.headers.etag) }
    expect(await askHttp(gateway, '/api/v1/status', { headers })).toMatchObject({ status: 401 })
    const path = `/api/v1/communities/${communityId}/enable-archiving`
    const any = { 'if-none-match': '*' }
    expect(await askHttp(gateway, path, { method: 'POST', token, headers: any })).toMatchObject({ status: 200 })
  })
})

function messagesHead(method: string, id: string, bearer: string): string {
  return `${method} /api/v1/communities/${id}/messages HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${bearer}\r\n`
}

describe('messages in lines', () => {
  it('are not read for who only asks what they are like', async () => {
    const answer = await answerTo(`${messagesHead('HEAD', communityId, token)}connection: close\r\n\r\n`)
    expect(answer).toContain('content-type: application/x-ndjson')
    expect(reading.open).toBe(0)
  })

  it('are read no further for who does not take them, and let go after a while', async () => {
    await using patient = await startTestGateway({
      httpLimits: { idleSeconds: 0.5 },
      override: ({ messages }) => ({ messages: endless(messages) }),
    })
    const id = await addControlled(patient.context)
    const socket = dial(patient)
    socket.pause()
    socket.write(`${messagesHead('GET', id, await operatorOf(patient))}\r\n`)
    await expect.poll(() => reading.open).toBe(1)
    await expect.poll(() => reading.open, { timeout: 10_000 }).toBe(0)
    expect(reading.batches).toBeLessThan(500)
    socket.destroy()
  })
})

it('requests one behind the other on a connection are answered, and a flood of them is not', async () => {
  const request = `GET /api/v1/communities/${communityId} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${token}\r\n`
  const few = await answerTo(`${request}\r\n`.repeat(9), `${request}connection: close\r\n\r\n`)
  expect(few.match(/HTTP\/1\.1 200 /g)).toHaveLength(10)
  const many = await answerTo(`${request}\r\n`.repeat(1_000))
  expect(many.match(/HTTP\/1\.1 200 /g)?.length ?? 0).toBeLessThan(1_000)
})

it('nothing of all that is news to the log', () => {
  expect(logged).toEqual([])
})
