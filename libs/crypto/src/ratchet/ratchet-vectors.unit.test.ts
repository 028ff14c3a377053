import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  groupKeyOf,
  readEncryptedVectors,
  readRatchetVectors,
  skipVectors,
  vectorsNote,
} from '../../testing/vectors.ts'
import {
  checkInstallationId,
  decryptForGroup,
  fromHex,
  isEncrypted,
  RatchetCache,
  toHex,
  type GroupKey,
  type LookUpGroupKey,
} from '../index.ts'
import { encryptWithNonce } from './encrypt-for-group.ts'

const sha256 = (bytes: Uint8Array): string => `0x${createHash('sha256').update(bytes).digest('hex')}`

const lookUpIn =
  (keys: readonly GroupKey[]): LookUpGroupKey =>
  (wanted) => {
    const key = keys.find((key) => wanted.by === 'key-id' && toHex(key.keyId) === toHex(wanted.keyId))
    return key && { key, reachedSeqNo: 0 }
  }

describe.skipIf(skipVectors)(`status-go's hash ratchet${vectorsNote}`, () => {
  it('gives the same key ids and the same steps, in any order', async () => {
    for (const vector of readRatchetVectors()) {
      const key = groupKeyOf(vector)
      expect(toHex(key.keyId)).toBe(vector.keyId)
      expect(key.deprecatedKeyId).toBe(vector.deprecatedKeyId)
      for (const samples of [vector.samples, vector.samples.toReversed()]) {
        const ratchet = new RatchetCache()
        for (const { seqNo, derivedKey } of samples) expect(toHex(await ratchet.stepKey(key, seqNo))).toBe(derivedKey)
      }
    }
  })

  it('has its messages opened here', async () => {
    for (const vector of readRatchetVectors()) {
      const options = { lookUpKey: lookUpIn([groupKeyOf(vector)]), ratchet: new RatchetCache() }
      for (const { seqNo, plaintext, protocolMessage } of vector.samples) {
        const opened = await decryptForGroup(fromHex(protocolMessage), options)
        expect(opened).toMatchObject({ kind: 'decrypted', plain: fromHex(plaintext), seqNo })
      }
    }
  })

  it('has its archives and indexes opened here, also those that parse as plain ones', async () => {
    const vectors = readEncryptedVectors(sha256)
    expect(vectors).toHaveLength(12)
    const ratchet = new RatchetCache()
    for (const { name, encrypted, keys, plainSha256, hashRatchet } of vectors) {
      expect(isEncrypted(encrypted), name).toBe(true)
      const opened = await decryptForGroup(encrypted, { lookUpKey: lookUpIn(keys), ratchet })
      if (opened.kind !== 'decrypted') throw new Error(`${name}: ${opened.kind}`)
      expect(sha256(opened.plain), name).toBe(plainSha256)
      expect(isEncrypted(opened.plain), name).toBe(false)
      expect(opened.seqNo, name).toBe(hashRatchet.seqNo)
      expect(toHex(opened.keyId!), name).toBe(hashRatchet.keyId)
      expect(opened.installationId, name).toBe(hashRatchet.installationId)
    }
  })

  it('has the very bytes that are made here of the same plain bytes and nonce', async () => {
    const ratchet = new RatchetCache()
    for (const { name, encrypted, keys, hashRatchet } of readEncryptedVectors(sha256)) {
      const opened = await decryptForGroup(encrypted, { lookUpKey: lookUpIn(keys), ratchet })
      if (opened.kind !== 'decrypted') throw new Error(`${name}: ${opened.kind}`)
      const key = keys.find((key) => toHex(key.keyId) === hashRatchet.keyId)!
      const { seqNo, installationId } = hashRatchet
      const nonce = fromHex(hashRatchet.nonce)
      const again = await encryptWithNonce(opened.plain, { key, seqNo, installationId, ratchet, nonce })
      expect(Buffer.compare(again, encrypted), name).toBe(0)
    }
  })

  it('misreads an installation id that no archive of ours carries', () => {
    const [misread, read] = ['misparse', 'one-key'].map((name) =>
      readEncryptedVectors(sha256).find((vector) => vector.name.startsWith(name)),
    )
    expect(() => checkInstallationId(misread!.hashRatchet.installationId)).toThrow(
      expect.objectContaining({ name: 'InvalidInstallationIdError' }),
    )
    expect(() => checkInstallationId(read!.hashRatchet.installationId)).not.toThrow()
  })
})
