const utf8 = new TextEncoder()
const iterations = 65_356
const keyBits = 256

/** A chat's symmetric key: PBKDF2-HMAC-SHA256 of its id (formats §5), 32 bytes. Takes about 20 ms of another thread. */
export async function deriveSymmetricKey(chatId: string): Promise<Uint8Array> {
  const password = await crypto.subtle.importKey('raw', utf8.encode(chatId), 'PBKDF2', false, ['deriveBits'])
  const parameters = { name: 'PBKDF2', hash: 'SHA-256', salt: new Uint8Array(0), iterations }
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, password, keyBits))
}

/** The symmetric keys of the chats in use, each derived once. The `maxKeys` used last are kept. */
export class SymmetricKeys {
  readonly #maxKeys: number
  /** By chat id; the one used last stands last. */
  readonly #keys = new Map<string, Promise<Uint8Array>>()

  constructor({ maxKeys = 10_000 }: { readonly maxKeys?: number } = {}) {
    this.#maxKeys = maxKeys
  }

  async of(chatId: string): Promise<Uint8Array> {
    const key = this.#keys.get(chatId) ?? deriveSymmetricKey(chatId)
    this.#keys.delete(chatId)
    this.#keys.set(chatId, key)
    if (this.#keys.size > this.#maxKeys) this.#keys.delete(this.#keys.keys().next().value as string)
    try {
      return await key
    } catch (error) {
      // A failure is not what is kept.
      if (this.#keys.get(chatId) === key) this.#keys.delete(chatId)
      throw error
    }
  }
}
