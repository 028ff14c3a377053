import { readdirSync, readFileSync } from 'node:fs'
import { readJson as readVector, vectorsFolder } from '../../archive/testing/vectors.ts'
import { fromHex, GroupKey } from '../src/index.ts'

export { readJson as readVector, skipVectors, vectorsNote } from '../../archive/testing/vectors.ts'

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

export function readRatchetVectors(): readonly VectorRatchet[] {
  return readVector('encrypted/ratchet.json') as VectorRatchet[]
}

export function groupKeyOf(vector: VectorGroupKey): GroupKey {
  const { groupId, key, timestamp: timestampMilliseconds } = vector
  return new GroupKey({ groupId: fromHex(groupId), key: fromHex(key), timestampMilliseconds })
}

export function readEncryptedVectors(sha256: (bytes: Uint8Array) => string): readonly VectorEncrypted[] {
  const cases = readdirSync(`${vectorsFolder}/encrypted`, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  )
  return cases.flatMap(({ name }) => {
    const keys = (readVector(`encrypted/${name}/keys.json`) as VectorGroupKey[]).map(groupKeyOf)
    const steps = (readVector(`encrypted/${name}/input.json`) as { steps: { name: string }[] }).steps
    return steps.flatMap((step) => readStep(`${name}/${step.name}`, keys, sha256))
  })
}

function readStep(path: string, keys: GroupKey[], sha256: (bytes: Uint8Array) => string): VectorEncrypted[] {
  const expected = readVector(`encrypted/${path}/expected.json`) as VectorExpected
  const files = `${vectorsFolder}/encrypted/${path}/${expected.communityId}`
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
