import { encodeGroupKeys, fromHex, GroupKey, toHex } from '@annals/crypto'
import { describe, expect, it } from 'vitest'
import { communityId } from '../testing/make-community.ts'
import { GroupKeyTextError } from '../errors.ts'
import { KeyRing, parseGroupKeys } from './group-keys.ts'

const secret = new Uint8Array(32).fill(9)
const timestampMilliseconds = 1_704_067_200_123
const key = new GroupKey({ groupId: fromHex(communityId), key: secret, timestampMilliseconds })
const ids = (text: string) => parseGroupKeys(text, communityId).map((each) => each.keyIdText())
const file = (fields: object = {}, document: object = {}) =>
  JSON.stringify({
    format: 'annals-group-keys-1',
    communityId,
    keys: [{ groupId: communityId, key: toHex(secret).slice(2), timestampMilliseconds, nextSequence: 4, ...fields }],
    ...document,
  })

describe('a group key', () => {
  it('is taken from a file, from HRKeys in hex, and as digits with a time', () => {
    const hrKeys = toHex(encodeGroupKeys([key]))
    for (const text of [file(), hrKeys, hrKeys.slice(2), `${toHex(secret)} ${timestampMilliseconds}`])
      expect(ids(`\n${text}\n`)).toEqual([key.keyIdText()])
  })

  it.for<[GroupKeyTextError['problem'], string]>([
    ['form', 'what is this'],
    ['form', ''],
    ['form', '{'],
    ['form', '{"format":"another"}'],
    ['form', file({ key: 'ab' })],
    ['form', file({ timestampMilliseconds: 0.5 })],
    ['form', file({}, { keys: [] })],
    ['form', file({}, { keys: [null] })],
    ['other-community', file({}, { communityId: `0x02${'ab'.repeat(32)}` })],
    ['no-timestamp', toHex(secret)],
    ['too-large', ' '.repeat(5_000_000)],
  ])('is refused, without a word of it: %s', ([problem, text]) => {
    const refused = expect.objectContaining({ constructor: GroupKeyTextError, problem })
    expect(() => parseGroupKeys(text, communityId)).toThrow(refused)
    expect(() => parseGroupKeys(text, communityId)).not.toThrow(toHex(secret).slice(2))
  })

  it('is found by its id, and by the number that older messages have', async () => {
    const ring = new KeyRing()
    ring.add(key)
    const { keyId, groupId, deprecatedKeyId } = key
    expect(await ring.lookUp({ by: 'key-id', keyId, groupId })).toMatchObject({ key })
    expect(await ring.lookUp({ by: 'deprecated-key-id', deprecatedKeyId, groupId })).toMatchObject({ key })
    expect(await ring.lookUp({ by: 'key-id', keyId: new Uint8Array(32), groupId })).toBeUndefined()
    expect(ids(ring.text(communityId))).toEqual([key.keyIdText()])
  })
})
