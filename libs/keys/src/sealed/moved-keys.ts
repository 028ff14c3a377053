import { Secret } from '@annals/crypto'
import { z } from 'zod'

const hex32 = z.string().regex(/^[0-9a-f]{64}$/)

const schema = z.object({
  privateKey: hex32.optional(),
  groupKeys: z.array(
    z.object({ groupId: z.string(), key: hex32, timestampMilliseconds: z.number(), nextSequence: z.number() }),
  ),
})

export interface MovedGroupKey {
  /** 0x and hex. */
  readonly groupId: string
  readonly key: Uint8Array
  readonly timestampMilliseconds: number
  /** The first of its numbers that was not used yet. */
  readonly nextSequence: number
}

/** The keys that a community moves with. */
export interface MovedKeys {
  /** Absent where the owner signs. */
  readonly privateKey?: Secret | undefined
  readonly groupKeys: readonly MovedGroupKey[]
}

export function encodeMovedKeys({ privateKey, groupKeys }: MovedKeys): Secret {
  const document: z.infer<typeof schema> = {
    ...(privateKey && { privateKey: hexOf(privateKey.reveal()) }),
    groupKeys: groupKeys.map(({ key, ...rest }) => ({ ...rest, key: hexOf(key) })),
  }
  return new Secret(Buffer.from(JSON.stringify(document)))
}

/** What `encodeMovedKeys` made. @throws TypeError for anything else, in which nothing of it stands */
export function decodeMovedKeys(secret: Secret): MovedKeys {
  const parsed = schema.safeParse(JSON.parse(Buffer.from(secret.reveal()).toString('utf8')))
  if (!parsed.success) throw new TypeError('the keys of a moved community are not of the form of this version')
  const { privateKey, groupKeys } = parsed.data
  return {
    ...(privateKey !== undefined && { privateKey: new Secret(Buffer.from(privateKey, 'hex')) }),
    groupKeys: groupKeys.map(({ key, ...rest }) => ({ ...rest, key: Buffer.from(key, 'hex') })),
  }
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
