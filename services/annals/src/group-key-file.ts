import type { ExportedGroupKey } from '@annals/proto/api/v1'
import { UsageError } from './cli-errors.ts'

const format = 'annals-group-keys-1'

/** What `annals group-keys export` writes (docs/decisions/0035). */
export function formatGroupKeyFile(communityId: string, keys: readonly ExportedGroupKey[]): string {
  const texts = keys.map(({ key, ...rest }) => ({ ...rest, key: key.toString('hex') }))
  return `${JSON.stringify({ format, communityId, keys: texts }, undefined, 2)}\n`
}

/** Whether bytes are meant as such a file; an HRKeys never begins so. */
export function isGroupKeyFile(bytes: Uint8Array): boolean {
  return bytes[0] === '{'.charCodeAt(0)
}

/** @throws UsageError, in which nothing of a key stands */
export function parseGroupKeyFile(bytes: Uint8Array, communityId: string): ExportedGroupKey[] {
  const document = parse(bytes)
  if (document?.['format'] !== format || !Array.isArray(document['keys']))
    throw new UsageError(`the file is none that "annals group-keys export" wrote (format ${format})`)
  if (document['communityId'] !== communityId) throw new UsageError('the file holds the keys of another community')
  return document['keys'].map((each: unknown, index) => {
    const { groupId, key, timestampMilliseconds, nextSequence } = (each ?? {}) as Record<string, unknown>
    if (
      typeof groupId !== 'string' ||
      typeof key !== 'string' ||
      !/^[0-9a-f]{64}$/.test(key) ||
      typeof timestampMilliseconds !== 'number' ||
      typeof nextSequence !== 'number'
    )
      throw new UsageError(`key ${index + 1} of the file is not of the form`)
    return { groupId, key: Buffer.from(key, 'hex'), timestampMilliseconds, nextSequence }
  })
}

function parse(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const document: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    return typeof document === 'object' && document !== null ? (document as Record<string, unknown>) : undefined
  } catch {
    // What JSON says of it would quote it.
    return undefined
  }
}
