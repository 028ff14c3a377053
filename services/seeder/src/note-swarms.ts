import type { ServiceContext } from '@annals/service'
import { mapConcurrently, pause } from '@annals/service'
import type { SeededTorrent, TorrentNode } from '@annals/torrents'
import { servings, updateDocument } from '@annals/storage'
import { servingId } from './note-serving.ts'

/** Between two looks at what is sent to whom. */
const beatMilliseconds = 15_000
const concurrency = 4

type NotesContext = Pick<ServiceContext, 'state' | 'instance' | 'log'> & {
  readonly torrents: Pick<TorrentNode, 'seeding'>
}

/**
 * Writes down beside what this seeder serves to how many it does so, and how much it sent: whoever asks about a community asks
 * another process. Only what changed is written, so that torrents which nobody fetches cost nothing.
 */
export class SwarmNotes implements AsyncDisposable {
  readonly #context: NotesContext
  readonly #noted = new Map<string, string>()
  readonly #stop = new AbortController()
  readonly #loop: Promise<void>

  constructor(context: NotesContext, everyMilliseconds = beatMilliseconds) {
    this.#context = context
    this.#loop = this.#run(everyMilliseconds)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#loop
  }

  async #run(everyMilliseconds: number): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      await pause(everyMilliseconds, signal)
      if (signal.aborted) return
      try {
        await this.#note()
      } catch (error) {
        this.#context.log.debug({ err: error }, 'what is sent to whom could not be written down; trying again')
      }
    }
  }

  async #note(): Promise<void> {
    const served = this.#context.torrents.seeding()
    const keys = new Set(served.map(keyOf))
    for (const key of this.#noted.keys()) if (!keys.has(key)) this.#noted.delete(key)
    const changed = served.filter((each) => this.#noted.get(keyOf(each)) !== textOf(each))
    await mapConcurrently(changed, concurrency, this.#stop.signal, async (each) => {
      const { communityId, infoHash, peers, uploadedBytes } = each
      const rows = this.#context.state.collection(servings)
      // A torrent that is no longer, or not yet, what this one says that it serves has no place.
      const row = await updateDocument(rows, servingId(communityId, this.#context.instance), (value) =>
        value?.infoHash === infoHash ? { ...value, peers, uploadedBytes } : value,
      )
      if (row?.value.infoHash === infoHash) this.#noted.set(keyOf(each), textOf(each))
    })
  }
}

function keyOf({ communityId, infoHash }: SeededTorrent): string {
  return `${communityId}/${infoHash}`
}

function textOf({ peers, uploadedBytes }: SeededTorrent): string {
  return `${peers} ${uploadedBytes}`
}
