import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isWakuNodeError, WakuAnswerError, WakuRateLimitedError, WakuRefusedError } from '../errors.ts'
import { sampleMessage, sampleTopic } from '../testing/sample-messages.ts'
import { messageHash, messageJson } from '../waku-message.ts'
import type { CarriedMessage, WakuMessage } from '../waku-message.ts'
import type { StorePageQuery } from '../waku-node.ts'
import { readDrained, readStoredHashes, readStorePage } from './read-store-answer.ts'

const query: StorePageQuery = { ...sampleTopic, contentTopics: [sampleTopic.contentTopic], pageSize: 20 }
const operation = 'query the store'

const entry = ({ hash, pubsubTopic, message }: CarriedMessage, claimed = `0x${hash}`): string =>
  `{"messageHash":"${claimed}","pubsubTopic":"${pubsubTopic}","message":${messageJson(message)}}`

const answer = (entries: readonly string[], more = ''): string =>
  `{"requestId":"1","statusCode":200,"statusDesc":"OK","messages":[${entries.join(',')}]${more}}`

const fields = {
  payload: fc.uint8Array({ maxLength: 300 }),
  contentTopic: fc.constant(sampleTopic.contentTopic),
  meta: fc.uint8Array({ maxLength: 20 }),
  version: fc.nat(3),
  timestampNanoseconds: fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }),
  isEphemeral: fc.constant(false),
}
const messages: fc.Arbitrary<WakuMessage> = fc.record(fields, { noNullPrototype: true })

describe('the answers of nodes', () => {
  it('come out as they were sent, to the last digit of their times', () => {
    fc.assert(
      fc.property(fc.array(messages, { maxLength: 10 }), (sent) => {
        const { pubsubTopic } = sampleTopic
        const carried = sent.map((message) => ({ hash: messageHash(pubsubTopic, message), pubsubTopic, message }))
        const text = answer(carried.map((each) => entry(each)))
        expect(readStorePage('node', query, text)).toStrictEqual({ messages: carried, cursor: undefined, refused: [] })
        const drained = `[${sent.map(messageJson).join(',')}]`
        expect(readDrained('node', pubsubTopic, drained)).toStrictEqual({ messages: carried, refused: [] })
      }),
      { numRuns: 500 },
    )
  })

  it('may have hashes in hex or base64, and cursors of any kind, which stay as they are', () => {
    const sample = sampleMessage(1)
    const bytes = Buffer.from(sample.hash, 'hex')
    const forms = [`0x${sample.hash}`, sample.hash, bytes.toString('base64'), bytes.toString('base64url')]
    for (const form of forms) {
      const page = readStorePage('node', query, answer([entry(sample, form)], `,"paginationCursor":"${form}"`))
      expect(page).toMatchObject({ messages: [{ hash: sample.hash }], cursor: form })
      expect(readStoredHashes('node', answer([`{"messageHash":"${form}"}`]))).toStrictEqual(new Set([sample.hash]))
    }
  })

  it('may have more fields than are known, and less: no status, no meta, a time as text', () => {
    const { hash, pubsubTopic, message } = sampleMessage(1)
    const payload = Buffer.from(message.payload).toString('base64')
    const inner = `{"payload":"${payload}","contentTopic":"${message.contentTopic}","timestamp":"${message.timestampNanoseconds}","proof":"x"}`
    const text = `{"messages":[{"messageHash":"${hash}","pubsubTopic":"${pubsubTopic}","message":${inner},"x":{}}],"y":1,"paginationCursor":null}`
    expect(readStorePage('node', query, text)).toMatchObject({ messages: [{ hash }], cursor: undefined, refused: [] })
  })

  it('have messages refused one by one that are not what was asked for, or not what their hash says', () => {
    const other = sampleMessage(2, { ...sampleTopic, contentTopic: 'other' })
    const elsewhere = sampleMessage(3, { ...sampleTopic, pubsubTopic: '/waku/2/rs/16/33' })
    const late = sampleMessage(4)
    const good = sampleMessage(0)
    const entries = [
      entry(sampleMessage(1), sampleMessage(2).hash),
      entry(other),
      entry(elsewhere),
      entry(late),
      entry(good),
      '{"messageHash":"0x12"}',
      '7',
      entry(good).replace('"payload":"', '"payload":"*'),
    ]
    const bounded = { ...query, toNanoseconds: good.message.timestampNanoseconds }
    const page = readStorePage('node', bounded, answer(entries))
    expect(page.messages.map(({ hash }) => hash)).toStrictEqual([good.hash])
    expect(page.refused.map(({ where }) => where)).toStrictEqual([0, 1, 2, 3, 5, 6, 7].map((at) => `messages[${at}]`))
  })

  it.for([
    { text: '', where: '' },
    { text: 'OK', where: '' },
    { text: '[]', where: '' },
    { text: '{}', where: 'messages' },
    { text: '{"messages":{}}', where: 'messages' },
    { text: '{"statusCode":"x","messages":[]}', where: 'statusCode' },
    { text: '{"statusCode":1.5,"messages":[]}', where: 'statusCode' },
    { text: '{"statusCode":-1,"messages":[]}', where: 'statusCode' },
    { text: '{"messages":[],"paginationCursor":7}', where: 'paginationCursor' },
    { text: `{"messages":[],"paginationCursor":"${'x'.repeat(2_000)}"}`, where: 'paginationCursor' },
    { text: `{"messages":[${'1,'.repeat(1_001)}1]}`, where: 'messages' },
    { text: '['.repeat(200_000) + ']'.repeat(200_000), where: '' },
  ])('are refused by place: $where', ({ text, where }) => {
    const error = catching(() => readStorePage('node', query, text))
    expect(error).toBeInstanceOf(WakuAnswerError)
    expect(error).toMatchObject({ node: 'node', operation, where })
  })

  it('may say inside that they are refusals', () => {
    const refused = catching(() => readStorePage('node', query, '{"statusCode":300,"statusDesc":"cursor not found"}'))
    expect(refused).toBeInstanceOf(WakuRefusedError)
    expect(refused).toMatchObject({ status: 300, detail: 'cursor not found' })
    const limited = catching(() => readStorePage('node', query, '{"statusCode":429}'))
    expect(limited).toBeInstanceOf(WakuRateLimitedError)
  })

  it('end in a typed refusal whatever they are', () => {
    const names = ['messages', 'messageHash', 'message', 'payload', 'timestamp', 'statusCode', '__proto__', 'toString']
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(null, true, 'text', `0x${'a'.repeat(64)}`, -1, 1.5, 2 ** 60, '/waku/2/rs/16/32'),
        fc.string(),
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(fc.constantFrom(...names), tie('any')),
      ),
    })).any
    const wellFormed = value.map((any) => JSON.stringify({ messages: [any, any] }))
    const damaged = fc.tuple(fc.nat(1_000), fc.string({ maxLength: 3 }), fc.nat(5)).map(([at, text, cut]) => {
      const whole = answer([entry(sampleMessage(1)), entry(sampleMessage(2))], ',"paginationCursor":"0x12"')
      return whole.slice(0, at) + text + whole.slice(at + cut)
    })
    let runs = 0
    const defects: unknown[] = []
    fc.assert(
      fc.property(
        fc.oneof(
          value.map((any) => JSON.stringify(any)),
          wellFormed,
          damaged,
          fc.string(),
        ),
        (text) => {
          runs += 1
          for (const read of [
            () => readStorePage('node', query, text),
            () => readStoredHashes('node', text),
            () => readDrained('node', sampleTopic.pubsubTopic, text),
          ]) {
            const error = catching(read)
            if (error !== undefined && !isWakuNodeError(error)) defects.push({ text, error })
          }
        },
      ),
      { numRuns: 20_000 },
    )
    expect(defects).toStrictEqual([])
    console.log(`answers of Waku nodes: ${runs} damaged or made-up ones read three ways`)
  })
})

function catching(work: () => unknown): unknown {
  try {
    work()
    return undefined
  } catch (error) {
    return error
  }
}
