import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { SignableType } from '@annals/crypto'
import { SignerRefusedError } from '@annals/crypto'
import { hasSystemCode, lockFolder, syncFolder } from '@annals/sqlite'
import { z } from 'zod'

const schema = z.record(z.string(), z.object({ clock: z.number(), payloadHash: z.string() }))

type Signed = z.infer<typeof schema>

/** What a signer remembers cannot be read. */
export class SignerMemoryError extends Error {
  override readonly name = 'SignerMemoryError'
  readonly path: string

  constructor(path: string, options: ErrorOptions) {
    super(
      `${path} does not say what was signed last: restore it, or remove it if nothing newer than what the network knows ` +
        'may have been signed',
      options,
    )
    this.path = path
  }
}

/**
 * The newest clock that a signer signed, of each type of message, in a folder that no other signer may have at the same
 * time. Signing an older one would take members back to what is over.
 */
export class SignerMemory implements AsyncDisposable {
  readonly #communityId: string
  readonly #path: string
  readonly #folder: string
  readonly #lock: AsyncDisposable
  #signed: Signed

  private constructor(communityId: string, folder: string, path: string, lock: AsyncDisposable, signed: Signed) {
    this.#communityId = communityId
    this.#folder = folder
    this.#path = path
    this.#lock = lock
    this.#signed = signed
  }

  /** @throws FolderInUseError, StorageIoError, SignerMemoryError */
  static async open(folder: string, communityId: string): Promise<SignerMemory> {
    await using stack = new AsyncDisposableStack()
    const lock = stack.use(await lockFolder(folder))
    const path = join(folder, `signed-${communityId}.json`)
    const memory = new SignerMemory(communityId, folder, path, lock, await read(path))
    stack.move()
    return memory
  }

  /**
   * Remembers what is about to be signed; durable before it resolves, so that after a crash nothing older is signed. The
   * same message may be signed any number of times.
   * @throws SignerRefusedError for what is older, or another message of the same clock
   */
  async remember(type: SignableType, clock: number, payloadHash: string): Promise<void> {
    const last = this.#signed[type]
    if (last !== undefined && clock < last.clock)
      throw new SignerRefusedError(this.#communityId, `clock ${clock}, after ${last.clock} was signed`)
    if (last !== undefined && clock === last.clock) {
      if (payloadHash === last.payloadHash) return
      throw new SignerRefusedError(this.#communityId, `another message of clock ${clock} was signed`)
    }
    const signed = { ...this.#signed, [type]: { clock, payloadHash } }
    const unfinished = `${this.#path}.new`
    {
      await using file = await open(unfinished, 'w', 0o600)
      await file.writeFile(JSON.stringify(signed))
      await file.sync()
    }
    await rename(unfinished, this.#path)
    await syncFolder(this.#folder)
    this.#signed = signed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lock[Symbol.asyncDispose]()
  }
}

async function read(path: string): Promise<Signed> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    if (hasSystemCode(error) && error.code === 'ENOENT') return {}
    throw new SignerMemoryError(path, { cause: error })
  }
}
