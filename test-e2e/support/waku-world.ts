import { join } from 'node:path'
import { nodeOf, startWakuPair } from '@annals/channels/waku/testing'
import type { WakuPair } from '@annals/channels/waku/testing'
import type { ClockFile, RemoteNode } from '@annals/annals'
import type { WakuNode } from '@annals/waku'
import { RestartableNode } from './restartable-node.ts'
import { WakuChat } from './waku-chat.ts'
import { World } from './world.ts'

/**
 * An interval between two archives, which is a week elsewhere: stores take no message whose time is off by more than 20 s, so
 * weeks go by in seconds.
 */
const intervalSeconds = 1

/**
 * A machine with two real Waku nodes, over which nodes of Annals hear of messages and of each other: a control node beside
 * the first one, a member that only looks into both stores, and one that listens beside the second one.
 */
export class WakuWorld implements AsyncDisposable {
  readonly pair: WakuPair
  readonly chat: WakuChat
  readonly first: WakuNode
  readonly second: WakuNode
  readonly #world: World
  readonly #stack: AsyncDisposableStack

  private constructor(world: World, pair: WakuPair, stack: AsyncDisposableStack) {
    this.#world = world
    this.#stack = stack
    this.pair = pair
    this.first = nodeOf(pair.first)
    this.second = nodeOf(pair.second)
    this.chat = new WakuChat([this.first, this.second])
  }

  /** @throws ServerUnavailableError, ServerStartError */
  static async create(): Promise<WakuWorld> {
    await using stack = new AsyncDisposableStack()
    const pair = stack.use(await startWakuPair())
    const world = stack.use(await World.create(Math.floor(Date.now() / 1000)))
    return new WakuWorld(world, pair, stack.move())
  }

  get clock(): ClockFile {
    return this.#world.clock
  }

  /** Starts a node: `control` beside the first Waku node, `listener` beside the second one, any other with their stores alone. */
  node(name: string): RestartableNode {
    return new RestartableNode(this, name)
  }

  folderOf(name: string): string {
    return join(this.#world.folder, name)
  }

  start(name: string): Promise<RemoteNode> {
    const { first, second } = this.pair
    // What one process drains no other one sees.
    const relays: Readonly<Record<string, string>> = { control: first.url, listener: second.url }
    return this.#world.start(name, {
      environment: {
        ANNALS_CHANNEL: 'waku',
        ANNALS_WAKU_RELAYS: relays[name] ?? '',
        ANNALS_WAKU_STORES: `${first.url},${second.url}`,
        // Who hears nothing by a relay asks often.
        ANNALS_WAKU_CATCH_UP_SECONDS: relays[name] === undefined ? '1' : '3',
        ANNALS_WAKU_STORE_SECONDS: '5',
        ANNALS_WAKU_GIVE_UP_SECONDS: '2',
        ANNALS_INTERVAL_SECONDS: String(intervalSeconds),
      },
    })
  }

  /** Lets the nodes' clock go on, to after all that was said. @returns the clock */
  async passTime(): Promise<number> {
    const { clock } = this
    await clock.forward(Math.max(intervalSeconds, Math.floor(Date.now() / 1000) + 1 - clock.now))
    return clock.now
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
  }
}
