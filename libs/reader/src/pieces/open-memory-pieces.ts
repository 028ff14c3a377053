import { StorageFullError } from '../errors.ts'
import type { KeptInfo, KeptPieces } from './kept-pieces.ts'

/** Keeps for as long as the page is open: where a browser keeps nothing, and in tests. */
export function openMemoryPieces(options: { readonly maxBytes?: number } = {}): KeptPieces {
  return new MemoryPieces(options.maxBytes ?? 256 << 20)
}

class MemoryPieces implements KeptPieces {
  readonly #maxBytes: number
  readonly #pieces = new Map<string, Map<string, Uint8Array>>()
  readonly #infos = new Map<string, KeptInfo>()
  readonly #keys = new Map<string, string>()
  #sizeBytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  async list(communityId: string): Promise<string[]> {
    return [...(this.#pieces.get(communityId)?.keys() ?? [])]
  }

  async read(communityId: string, hash: string): Promise<Uint8Array | undefined> {
    return this.#pieces.get(communityId)?.get(hash)
  }

  async write(communityId: string, hash: string, bytes: Uint8Array): Promise<void> {
    const pieces = this.#pieces.get(communityId) ?? new Map<string, Uint8Array>()
    if (pieces.has(hash)) return
    if (this.#sizeBytes + bytes.length > this.#maxBytes) throw new StorageFullError(this.#sizeBytes, bytes.length)
    this.#pieces.set(communityId, pieces.set(hash, bytes.slice()))
    this.#sizeBytes += bytes.length
  }

  async remove(communityId: string, hashes: readonly string[]): Promise<void> {
    const pieces = this.#pieces.get(communityId)
    for (const hash of hashes) {
      this.#sizeBytes -= pieces?.get(hash)?.length ?? 0
      pieces?.delete(hash)
    }
  }

  async readInfo(infoHash: string): Promise<KeptInfo | undefined> {
    return this.#infos.get(infoHash)
  }

  async writeInfo(infoHash: string, info: KeptInfo): Promise<void> {
    this.#infos.set(infoHash, info)
  }

  async readKeys(communityId: string): Promise<string | undefined> {
    return this.#keys.get(communityId)
  }

  async writeKeys(communityId: string, keys: string): Promise<void> {
    this.#keys.set(communityId, keys)
  }

  async forget(communityId: string): Promise<void> {
    await this.remove(communityId, await this.list(communityId))
    this.#pieces.delete(communityId)
    this.#keys.delete(communityId)
    for (const [infoHash, info] of this.#infos) if (info.communityId === communityId) this.#infos.delete(infoHash)
  }

  async sizeBytes(): Promise<number> {
    return this.#sizeBytes
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
