import { NotReachedError } from './errors.ts'
import type { Kind, KubernetesApi } from './kubernetes-api.ts'
import type { Resource } from './resource.ts'

/** Ample, also where several builds share the machine: nothing here takes more than a few seconds of its own. */
const limitSeconds = 180

/** All resources of a kind in our namespace, as they change. */
export class Followed<T extends Resource> implements AsyncDisposable {
  readonly #items: Map<string, T>
  readonly #listeners = new Set<() => void>()
  readonly #stop = new AbortController()
  readonly #following: Promise<void>
  #failure: unknown

  static async begin<T extends Resource>(api: KubernetesApi, kind: Kind): Promise<Followed<T>> {
    const { items, version } = await api.list(kind)
    return new Followed(api, kind, items as readonly T[], version)
  }

  private constructor(api: KubernetesApi, kind: Kind, items: readonly T[], version: string) {
    this.#items = new Map(items.map((item) => [item.metadata.name, item]))
    this.#following = this.#follow(api, kind, version)
  }

  get items(): T[] {
    return [...this.#items.values()]
  }

  get(name: string): T | undefined {
    return this.#items.get(name)
  }

  /** Calls with every state that there was, from now on: what is between two is seen as well. */
  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  /** Waits for a state. @throws NotReachedError; what the API server ended the watch with; what `isSo` throws */
  async until(awaited: string, isSo: (items: readonly T[]) => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const look = (): void => {
      try {
        if (this.#failure !== undefined) throw this.#failure
        if (isSo(this.items)) resolve()
      } catch (error) {
        reject(error)
      }
    }
    const giveUp = (): void => reject(new NotReachedError(awaited, limitSeconds, this.items.map(tell)))
    const limit = setTimeout(giveUp, limitSeconds * 1000)
    using _listening = this.onChange(look)
    look()
    await promise.finally(() => clearTimeout(limit))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#following
  }

  async #follow(api: KubernetesApi, kind: Kind, version: string): Promise<void> {
    try {
      for await (const { type, object } of api.watch<T>(kind, version, this.#stop.signal)) {
        if (type === 'ERROR') throw new Error(`the watch of ${kind.kind} ended: ${JSON.stringify(object)}`)
        if (type === 'DELETED') this.#items.delete(object.metadata.name)
        else this.#items.set(object.metadata.name, object)
        this.#tellListeners()
      }
      throw new Error(`the API server ended the watch of ${kind.kind}`)
    } catch (error) {
      if (this.#stop.signal.aborted) return
      this.#failure = error
      this.#tellListeners()
    }
  }

  #tellListeners(): void {
    for (const listener of this.#listeners) listener()
  }
}

function tell({ metadata, status }: Resource): string {
  return `${metadata.name}: ${JSON.stringify(status)}`
}
