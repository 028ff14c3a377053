import { hostname } from 'node:os'
import type { Collection, Instance } from '@annals/storage'
import { VersionConflictError, instances } from '@annals/storage'
import { pause } from '../pause.ts'
import type { ServiceContext } from '../service.ts'

/** A row of a dead process is removed after so many times the time after which it is dead. */
const removeAfter = 10

export interface MembershipOptions {
  readonly service: string
  /** So that others see where this process serves torrents. */
  readonly torrents?: Instance['torrents']
}

interface Seen {
  version: number
  /** Of this process's monotonic clock, milliseconds. */
  atMilliseconds: number
}

/**
 * Which processes of a service are at work. Each writes its row again on a beat; who looks compares the row's version with
 * what it was at the last look, by its own clock: no two machines' clocks are ever compared. Where the engines are not
 * shared there is nobody else, and nothing is written.
 */
export class Membership implements AsyncDisposable {
  readonly #context: ServiceContext
  readonly #rows: Collection<Instance>
  readonly #row: Instance
  readonly #deadAfterMilliseconds: number
  readonly #seen = new Map<string, Seen>()
  readonly #listeners = new Set<() => void>()
  readonly #stop = new AbortController()
  /** Of the last beat, by this process's monotonic clock. */
  #beatAtMilliseconds = performance.now()
  #live: readonly string[]
  #loop: Promise<void> | undefined

  private constructor(context: ServiceContext, options: MembershipOptions) {
    this.#context = context
    this.#rows = context.state.collection(instances)
    this.#deadAfterMilliseconds = context.config.takeOverSeconds * 1000
    this.#live = [context.instance]
    this.#row = {
      service: options.service,
      instance: context.instance,
      machine: hostname(),
      startedAtMilliseconds: Date.now(),
      ...(options.torrents && { torrents: options.torrents }),
    }
  }

  /** Becomes a member; resolves when the others were looked at once. */
  static async join(context: ServiceContext, options: MembershipOptions): Promise<Membership> {
    const membership = new Membership(context, options)
    if (!context.shared) return membership
    await membership.#beat()
    await membership.#look()
    membership.#loop = membership.#run()
    return membership
  }

  /** This process. */
  get self(): string {
    return this.#context.instance
  }

  /** Instances that are at work, this one among them, in an order of their names. */
  live(): readonly string[] {
    return this.#live
  }

  /** Calls back when a member came or went, also where the others may have taken this one for dead. */
  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) }
  }

  /** The others see at their next look that this one has gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#loop
    if (!this.#context.shared) return
    try {
      const row = await this.#rows.get(this.#id)
      if (row !== undefined) await this.#rows.delete(this.#id, row.version)
    } catch (error) {
      this.#context.log.debug({ err: error }, 'could not take leave; the others will notice')
    }
  }

  get #id(): string {
    return `${this.#row.service}/${this.#row.instance}`
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    let failed = false
    for (;;) {
      await pause(this.#deadAfterMilliseconds / 8, signal)
      if (signal.aborted) return
      try {
        const wasSilent = await this.#beat()
        // Nobody could write while the store was away: nobody is dead for having been silent then.
        if (failed) for (const seen of this.#seen.values()) seen.atMilliseconds = performance.now()
        failed = false
        if ((await this.#look()) || wasSilent) for (const listener of this.#listeners) listener()
      } catch (error) {
        failed = true
        this.#context.log.warn({ err: error }, 'could not look who else is at work; trying again')
      }
    }
  }

  /** @returns whether the others may have taken this one for dead */
  async #beat(): Promise<boolean> {
    for (;;) {
      const row = await this.#rows.get(this.#id)
      try {
        await this.#rows.put(this.#id, this.#row, row?.version ?? 0)
        const silentMilliseconds = performance.now() - this.#beatAtMilliseconds
        this.#beatAtMilliseconds = performance.now()
        return row === undefined || silentMilliseconds > this.#deadAfterMilliseconds / 2
      } catch (error) {
        if (!(error instanceof VersionConflictError)) throw error
      }
    }
  }

  /** @returns whether a member came or went */
  async #look(): Promise<boolean> {
    const now = performance.now()
    const live: string[] = []
    const present = new Set<string>()
    for await (const { id, version, value } of this.#rows.list({ prefix: `${this.#row.service}/` })) {
      present.add(id)
      const seen = this.#seen.get(id)
      if (seen?.version !== version) this.#seen.set(id, { version, atMilliseconds: now })
      const silentMilliseconds = seen?.version === version ? now - seen.atMilliseconds : 0
      if (id === this.#id || silentMilliseconds < this.#deadAfterMilliseconds) live.push(value.instance)
      else if (silentMilliseconds > removeAfter * this.#deadAfterMilliseconds) await this.#remove(id, version)
    }
    for (const id of this.#seen.keys()) if (!present.has(id)) this.#seen.delete(id)
    const changed = live.join() !== this.#live.join()
    if (changed) this.#context.log.info({ before: this.#live, live }, 'who is at work has changed')
    this.#live = live
    return changed
  }

  async #remove(id: string, version: number): Promise<void> {
    try {
      await this.#rows.delete(id, version)
    } catch (error) {
      // It is alive after all.
      if (!(error instanceof VersionConflictError)) throw error
    }
  }
}
