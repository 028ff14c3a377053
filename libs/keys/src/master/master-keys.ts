import type { MasterKey } from './master-key.ts'
import { readMasterKeyFile } from './read-master-key-file.ts'

/** The master keys of a file, which may change while the process runs: that is how they are rotated. */
export class MasterKeys {
  readonly path: string
  #keys: readonly [MasterKey, ...MasterKey[]]

  /** @throws MasterKeyFileError */
  constructor(path: string) {
    this.path = path
    this.#keys = readMasterKeyFile(path)
  }

  get count(): number {
    return this.#keys.length
  }

  /** Encrypts. */
  get current(): MasterKey {
    return this.#keys[0]
  }

  /** The key with an id; where it is not known, the file is looked at anew. @throws MasterKeyFileError */
  find(id: string): MasterKey | undefined {
    const known = (): MasterKey | undefined => this.#keys.find((key) => key.id === id)
    const found = known()
    if (found !== undefined) return found
    this.reload()
    return known()
  }

  /** @throws MasterKeyFileError; the keys stay what they were then */
  reload(): void {
    this.#keys = readMasterKeyFile(this.path)
  }
}
