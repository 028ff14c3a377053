// The conformance vectors that status-go made. They are no part of the repository but stand beside it; without them
// the tests that need them say so and are left out, except in CI, where they fail.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { WakuMessage } from '../src/index.ts'

export const vectorsFolder = fileURLToPath(new URL('../../../../shared/data/vectors', import.meta.url))

const missing = !existsSync(vectorsFolder)

/** For `describe.skipIf`: true where there are no vectors to test with, and it is not CI that misses them. */
export const skipVectors = missing && process.env['CI'] === undefined

/** To go into the name of what is skipped. */
export const vectorsNote = missing ? ' (left out: there is no ../shared/data/vectors)' : ''

export interface VectorInput {
  readonly communityId: string
  readonly steps: readonly VectorStep[]
}

export interface VectorStep {
  readonly name: string
  readonly startDate: number
  readonly endDate: number
  readonly partitionSeconds: number
  readonly topics: readonly string[]
  readonly source: 'db' | 'messages'
  readonly messages: readonly VectorMessage[]
}

interface VectorMessage {
  readonly timestamp: number
  readonly topic: string
  readonly payload?: string
  readonly payloadXorshift32?: { readonly seed: number; readonly length: number }
  readonly padding?: string
  readonly sig: string
  readonly hash: string
  readonly thirdPartyId?: string
}

export interface VectorArchive {
  readonly id: string
  readonly from: number
  readonly to: number
  readonly contentTopics: readonly string[]
  readonly offset: number
  readonly size: number
  readonly padding: number
  readonly rawSize: number
  readonly rawSha256: string
  readonly messages: number
  readonly messageHashesSha256: string
}

export interface VectorExpected {
  readonly communityId: string
  readonly archivesByOffset: readonly VectorArchive[]
  readonly dataLength: number
  readonly infohash?: string
  readonly magnet: string
  readonly announceList: readonly (readonly [string])[]
  readonly createdBy: string
  readonly creationDate: number
  readonly dataPieceHashesSha256: string
  readonly canonical?: {
    readonly dataSha256: string
    readonly dataDiffersFromStatusGo: boolean
    readonly index: string
    readonly infohash: string
    readonly magnet: string
  }
}

/** The files of a step; `data` is not kept for all. */
export interface VectorFiles {
  readonly expected: VectorExpected
  readonly torrent: Uint8Array
  readonly index: Uint8Array
  readonly data: Uint8Array | undefined
}

export function vectorCases(group: 'plain' | 'encrypted'): string[] {
  if (skipVectors) return ['all']
  return readdirSync(`${vectorsFolder}/${group}`).filter((name) =>
    existsSync(`${vectorsFolder}/${group}/${name}/input.json`),
  )
}

export function readVectorInput(group: 'plain' | 'encrypted', name: string): VectorInput {
  return readJson(`${group}/${name}/input.json`) as VectorInput
}

export function readVectorExpected(group: 'plain' | 'encrypted', name: string, step: string): VectorExpected {
  return readJson(`${group}/${name}/${step}/expected.json`) as VectorExpected
}

/** `undefined` for a step after which there were no files. */
export function readVectorFiles(group: 'plain' | 'encrypted', name: string, step: string): VectorFiles | undefined {
  const expected = readVectorExpected(group, name, step)
  if (expected.infohash === undefined) return undefined
  const base = `${vectorsFolder}/${group}/${name}/${step}/${expected.communityId}`
  return {
    expected,
    torrent: new Uint8Array(readFileSync(`${base}.torrent`)),
    index: new Uint8Array(readFileSync(`${base}/index`)),
    data: existsSync(`${base}/data`) ? new Uint8Array(readFileSync(`${base}/data`)) : undefined,
  }
}

export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(`${vectorsFolder}/${path}`, 'utf8'))
}

/** The messages that a step is to seal: known once by hash, of its topics and times, by (timestamp, hash). */
export function messagesToSeal(step: VectorStep): WakuMessage[] {
  const byHash = new Map(step.messages.map((message) => [message.hash, message]))
  return [...byHash.values()]
    .filter((m) => step.topics.includes(m.topic) && m.timestamp >= step.startDate && m.timestamp < step.endDate)
    .sort((a, b) => a.timestamp - b.timestamp || (a.hash < b.hash ? -1 : 1))
    .map(toMessage)
}

export function toMessage(message: VectorMessage): WakuMessage {
  const { payloadXorshift32: generated } = message
  return {
    sig: fromHex(message.sig),
    timestamp: message.timestamp,
    topic: fromHex(message.topic),
    payload: generated === undefined ? fromHex(message.payload ?? '') : xorshift32(generated.seed, generated.length),
    padding: fromHex(message.padding ?? ''),
    hash: fromHex(message.hash),
    thirdPartyId: message.thirdPartyId ?? '',
  }
}

export function fromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replace(/^0x/, ''), 'hex'))
}

function xorshift32(seed: number, length: number): Uint8Array {
  const words = new Int32Array(Math.ceil(length / 4))
  let x = seed
  for (let i = 0; i < words.length; i++) {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    words[i] = x
  }
  return new Uint8Array(words.buffer, 0, length)
}
