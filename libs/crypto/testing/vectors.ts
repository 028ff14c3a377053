// The conformance vectors that status-go made. They are no part of the repository but stand beside it; without them
// the tests that need them say so and are left out, except in CI, where they fail.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { fromHex, GroupKey } from '../src/index.ts'

const folder = fileURLToPath(new URL('../../../../shared/data/vectors', import.meta.url))

const missing = !existsSync(folder)

/** For `describe.skipIf`: true where there are no vectors to test with, and it is not CI that misses them. */
export const skipVectors = missing && process.env['CI'] === undefined

/** To go into the name of what is skipped. */
export const vectorsNote = missing ? ' (left out: there is no ../shared/data/vectors)' : ''

export interface VectorGroupKey {
  readonly timestamp: number
  readonly key: string
  readonly keyId: string
  readonly deprecatedKeyId: number
  readonly groupId: string
}

export interface VectorRatchet extends VectorGroupKey {
  readonly samples: readonly {
    readonly seqNo: number
    readonly derivedKey: string
    readonly plaintext: string
    readonly protocolMessage: string
  }[]
}

interface VectorHashRatchet {
  readonly installationId: string
  readonly deprecatedKeyId: number
  readonly seqNo: number
  readonly keyId: string
  readonly nonce: string
}

/** An archive of an encrypted case, or its index, as it stands in the file, and what is to come of it. */
export interface VectorEncrypted {
  readonly name: string
  readonly encrypted: Uint8Array
  readonly keys: readonly GroupKey[]
  readonly plainSha256: string
  readonly hashRatchet: VectorHashRatchet
}

interface VectorExpected {
  readonly communityId: string
  readonly archivesByOffset: readonly {
    readonly offset: number
    readonly rawSize: number
    readonly plainSha256: string
    readonly hashRatchet: VectorHashRatchet
  }[]
  readonly indexPlainAsRead: string
  readonly indexHashRatchet: VectorHashRatchet
}

export function readVector(path: string): unknown {
  return JSON.parse(readFileSync(`${folder}/${path}`, 'utf8'))
}

export function readRatchetVectors(): readonly VectorRatchet[] {
  return readVector('encrypted/ratchet.json') as VectorRatchet[]
}

export function groupKeyOf(vector: VectorGroupKey): GroupKey {
  const { groupId, key, timestamp: timestampMilliseconds } = vector
  return new GroupKey({ groupId: fromHex(groupId), key: fromHex(key), timestampMilliseconds })
}

export function readEncryptedVectors(sha256: (bytes: Uint8Array) => string): readonly VectorEncrypted[] {
  const cases = readdirSync(`${folder}/encrypted`, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return cases.flatMap(({ name }) => {
    const keys = (readVector(`encrypted/${name}/keys.json`) as VectorGroupKey[]).map(groupKeyOf)
    const steps = (readVector(`encrypted/${name}/input.json`) as { steps: { name: string }[] }).steps
    return steps.flatMap((step) => readStep(`${name}/${step.name}`, keys, sha256))
  })
}

function readStep(path: string, keys: GroupKey[], sha256: (bytes: Uint8Array) => string): VectorEncrypted[] {
  const expected = readVector(`encrypted/${path}/expected.json`) as VectorExpected
  const files = `${folder}/encrypted/${path}/${expected.communityId}`
  const data = new Uint8Array(readFileSync(`${files}/data`))
  const archives = expected.archivesByOffset.map(({ offset, rawSize, plainSha256, hashRatchet }, i) => ({
    name: `${path} archive ${i}`,
    encrypted: data.subarray(offset, offset + rawSize),
    keys,
    plainSha256,
    hashRatchet,
  }))
  const index = {
    name: `${path} index`,
    encrypted: new Uint8Array(readFileSync(`${files}/index`)),
    keys,
    plainSha256: sha256(fromHex(expected.indexPlainAsRead)),
    hashRatchet: expected.indexHashRatchet,
  }
  return [...archives, index]
}
