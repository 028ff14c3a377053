import { Secret } from '@annals/crypto'
import { describe, expect, it } from 'vitest'
import { decodeMovedKeys, encodeMovedKeys } from './moved-keys.ts'
import { openWithPassphrase, sealWithPassphrase } from './passphrase-box.ts'
import { WrongPassphraseError } from './seal-errors.ts'

const about = `0x02${'ab'.repeat(32)}`
const passphrase = new Secret(Buffer.from('correct horse battery staple'))
const groupKey = { groupId: about, key: Buffer.alloc(32, 3), timestampMilliseconds: 5, nextSequence: 7 }
const keys = { privateKey: new Secret(Buffer.alloc(32, 9)), groupKeys: [groupKey] }

const refusal = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)

describe('keys under a passphrase', () => {
  it('open with it, as they were, and are other bytes each time', async () => {
    const [one, other] = [1, 2].map(() => sealWithPassphrase(passphrase, about, encodeMovedKeys(keys)))
    const sealed = await one
    expect(sealed).not.toEqual(await other)
    const opened = decodeMovedKeys(await openWithPassphrase(passphrase, about, sealed ?? Buffer.of()))
    expect(opened.groupKeys).toEqual([groupKey])
    expect(opened.privateKey?.reveal()).toEqual(keys.privateKey.reveal())
    expect(Buffer.from(sealed ?? Buffer.of()).includes(Buffer.from(keys.privateKey.reveal()))).toBe(false)
  })

  it('do not open with another one, for another community, nor when a bit was changed or bytes are missing', async () => {
    const sealed = await sealWithPassphrase(passphrase, about, encodeMovedKeys(keys))
    const changed = Uint8Array.from(sealed)
    changed[60] = (changed[60] ?? 0) ^ 1
    const refusals = await Promise.all([
      refusal(openWithPassphrase(new Secret(Buffer.from('another passphrase')), about, sealed)),
      refusal(openWithPassphrase(passphrase, `0x03${'ab'.repeat(32)}`, sealed)),
      refusal(openWithPassphrase(passphrase, about, changed)),
      refusal(openWithPassphrase(passphrase, about, sealed.subarray(0, 20))),
    ])
    for (const error of refusals) expect(error).toBeInstanceOf(WrongPassphraseError)
  })

  it('of another form are refused, and nothing of them is said', () => {
    const secret = new Secret(Buffer.from(JSON.stringify({ privateKey: 'ab'.repeat(40), groupKeys: [] })))
    expect(() => decodeMovedKeys(secret)).toThrow(TypeError)
    expect(() => decodeMovedKeys(secret)).not.toThrow(/abab/)
  })
})
