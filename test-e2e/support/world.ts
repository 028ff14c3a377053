import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CommunityChannel } from '@annals/channels'
import type { Tracker } from '@annals/torrents/tracker'
import { ClockFile, RemoteNode } from '@annals/annals'
import { openFolderChannel } from '@annals/channels'
import { startTracker } from '@annals/torrents/tracker'
import type { Stage } from './stage.ts'

const loopback = { tracker: '127.0.0.1', peers: '127.0.0.1' }

/** A machine for a test: a folder, a clock that the test moves, a tracker, and nodes in processes. */
export class World implements Stage, AsyncDisposable {
  readonly folder: string
  readonly clock: ClockFile
  readonly #peerHost: string
  readonly #tracker: Tracker | undefined
  readonly #trackerUrl: string

  private constructor(
    peerHost: string,
    folder: string,
    clock: ClockFile,
    trackerUrl: string,
    tracker: Tracker | undefined,
  ) {
    this.#peerHost = peerHost
    this.folder = folder
    this.clock = clock
    this.#trackerUrl = trackerUrl
    this.#tracker = tracker
  }

  /**
   * @param now where the clock begins, Unix seconds
   * @param beside a world whose tracker this one uses: then magnet links of both are the same
   * @param hosts addresses of this machine, on which its tracker and its peers listen
   */
  static async create(now: number, beside?: World, hosts = loopback): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'annals-e2e-'))
    const tracker = beside === undefined ? await startTracker({ host: hosts.tracker, port: 0 }) : undefined
    const trackerUrl = beside === undefined ? (tracker?.announceUrl ?? '') : beside.#trackerUrl
    return new World(hosts.peers, folder, await ClockFile.at(join(folder, 'clock'), now), trackerUrl, tracker)
  }

  /** Where browsers find peers. @throws TypeError where the world has no tracker of its own */
  get socketTrackerUrl(): string {
    if (this.#tracker === undefined) throw new TypeError('the world beside this one has the tracker')
    return this.#tracker.socketUrl
  }

  get channelFolder(): string {
    return join(this.folder, 'channel')
  }

  openChannel(): Promise<CommunityChannel> {
    return openFolderChannel({ folder: this.channelFolder })
  }

  /** Settings of every node here, but for the data folder. */
  get environment(): Record<string, string> {
    return {
      ANNALS_CHANNEL: this.channelFolder,
      ANNALS_CLOCK: this.clock.setting,
      ANNALS_TRACKERS: this.#trackerUrl,
      ANNALS_TORRENT_HOST: this.#peerHost,
      ANNALS_TORRENT_DHT: 'off',
      ANNALS_FETCH_STALL_SECONDS: '5',
      ANNALS_LOG: 'debug',
    }
  }

  /** Starts the node of a name, on the folder it had before if it was here before. */
  start(name: string, extra: { program?: string; environment?: Record<string, string> } = {}): Promise<RemoteNode> {
    return RemoteNode.start({
      folder: join(this.folder, name),
      // Looks as a stranger come at random moments, and logs of several runs are compared.
      environment: { ...this.environment, ANNALS_FETCH_PROBE_SECONDS: '0', ...extra.environment },
      ...(extra.program !== undefined && { program: extra.program }),
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tracker?.[Symbol.asyncDispose]()
    await rm(this.folder, { recursive: true, force: true })
  }
}
