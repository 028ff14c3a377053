import {
  CryptoError,
  decodeGroupKeys,
  fromHex,
  GroupKey,
  toHex,
  type LookUpGroupKey,
  type WantedGroupKey,
} from '@annals/crypto'
import { GroupKeyTextError } from '../errors.ts'

const maxTextLength = 4 << 20
const fileFormat = 'annals-group-keys-1'

/**
 * Reads group keys that a person hands over: the file of `annals group-keys export`, HRKeys in hex, or one key of 64 hex
 * digits followed by its timestamp in milliseconds.
 * @throws GroupKeyTextError, in which nothing of a key stands
 */
export function parseGroupKeys(text: string, communityId: string): GroupKey[] {
  if (text.length > maxTextLength) throw new GroupKeyTextError('too-large')
  const trimmed = text.trim()
  try {
    const keys = trimmed.startsWith('{') ? parseFile(trimmed, communityId) : parseHex(trimmed, communityId)
    if (keys.length > 0) return keys
  } catch (error) {
    if (error instanceof GroupKeyTextError) throw error
    if (!(error instanceof CryptoError)) throw error
  }
  throw new GroupKeyTextError('form')
}

function parseHex(text: string, communityId: string): GroupKey[] {
  const [digits = '', timestamp] = text.split(/[\s,;]+/)
  const bytes = fromHex(digits.replace(/^0x/i, ''))
  const groupId = fromHex(communityId)
  if (bytes.length !== 32) return decodeGroupKeys(bytes, groupId)
  if (timestamp === undefined || !/^\d{1,16}$/.test(timestamp)) throw new GroupKeyTextError('no-timestamp')
  return [new GroupKey({ groupId, key: bytes, timestampMilliseconds: Number(timestamp) })]
}

function parseFile(text: string, communityId: string): GroupKey[] {
  let document: { format?: unknown; communityId?: unknown; keys?: unknown } | null
  try {
    document = JSON.parse(text) as typeof document
  } catch {
    // What JSON says of it would quote it.
    throw new GroupKeyTextError('form')
  }
  if (document?.format !== fileFormat || !Array.isArray(document.keys)) throw new GroupKeyTextError('form')
  if (document.communityId !== communityId) throw new GroupKeyTextError('other-community')
  return document.keys.map((each: unknown) => {
    const { groupId, key, timestampMilliseconds } = (each ?? {}) as Record<string, unknown>
    if (typeof groupId !== 'string' || typeof key !== 'string' || typeof timestampMilliseconds !== 'number')
      throw new GroupKeyTextError('form')
    return new GroupKey({ groupId: fromHex(groupId), key: fromHex(key), timestampMilliseconds })
  })
}

/** The group keys at hand, in memory. */
export class KeyRing {
  readonly #keys = new Map<string, GroupKey>()

  get size(): number {
    return this.#keys.size
  }

  add(key: GroupKey): void {
    this.#keys.set(key.keyIdText(), key)
  }

  /** As `parseGroupKeys` reads them, for keeping them. Secret. */
  text(communityId: string): string {
    const keys = [...this.#keys.values()].map((key) => ({
      groupId: toHex(key.groupId),
      key: toHex(key.secret()).slice(2),
      timestampMilliseconds: key.timestampMilliseconds,
    }))
    return JSON.stringify({ format: fileFormat, communityId, keys })
  }

  readonly lookUp: LookUpGroupKey = (wanted) => {
    const key = this.#find(wanted)
    return key === undefined ? undefined : { key, reachedSeqNo: 0 }
  }

  #find(wanted: WantedGroupKey): GroupKey | undefined {
    if (wanted.by === 'key-id') return this.#keys.get(toHex(wanted.keyId).slice(2))
    const group = toHex(wanted.groupId)
    return [...this.#keys.values()].find(
      (key) => key.deprecatedKeyId === wanted.deprecatedKeyId && toHex(key.groupId) === group,
    )
  }
}

/** What a missing key is called, so that a person can ask for it: it says nothing of the key. */
export function nameOfKey(wanted: WantedGroupKey): string {
  return wanted.by === 'key-id' ? toHex(wanted.keyId) : String(wanted.deprecatedKeyId)
}
