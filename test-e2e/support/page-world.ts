import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { choosePort } from '@annals/local-servers'
import { addControlled, beginning, Chronicle, sealRound } from './chronicle.ts'
import { onPage } from './on-page.ts'
import type { OnPageOptions } from './on-page.ts'
import { openBrowser } from './open-browser.ts'
import { RestartableNode } from './restartable-node.ts'
import { World } from './world.ts'

interface OpenPageOptions extends OnPageOptions {
  /** Without the token. */
  readonly asStranger?: boolean
  /** Where the page is served; at the control node where absent. */
  readonly origin?: string
}

/** A control node with ten weeks of one community, and a browser that looks at it. */
export class PageWorld implements AsyncDisposable {
  readonly world: World
  readonly control: RestartableNode
  readonly communityId: string
  readonly chronicle: Chronicle
  readonly browser: Browser
  /** Where the page is served. */
  readonly origin: string
  readonly token: string
  /** Done before the next life of the control node. */
  readonly #pending: (() => Promise<void>)[]
  readonly #owned: AsyncDisposableStack

  private constructor(
    parts: Omit<PageWorld, 'onPage' | 'startNode' | 'whileControlIsDown' | typeof Symbol.asyncDispose>,
    pending: (() => Promise<void>)[],
    owned: AsyncDisposableStack,
  ) {
    this.world = parts.world
    this.control = parts.control
    this.communityId = parts.communityId
    this.chronicle = parts.chronicle
    this.browser = parts.browser
    this.origin = parts.origin
    this.token = parts.token
    this.#pending = pending
    this.#owned = owned
  }

  static async create({
    weeks,
    firstWeeks,
  }: {
    readonly weeks: number
    readonly firstWeeks: number
  }): Promise<PageWorld> {
    await using stack = new AsyncDisposableStack()
    const world = stack.use(await World.create(beginning))
    const origin = `http://127.0.0.1:${await choosePort()}`
    const environment = {
      ANNALS_HTTP: origin.slice('http://'.length),
      ANNALS_PUBLIC_URL: origin,
      ANNALS_TRACKERS: `${world.environment['ANNALS_TRACKERS']},${world.socketTrackerUrl}`,
    }
    const pending: (() => Promise<void>)[] = []
    const home = {
      async start(name: string) {
        for (const work of pending.splice(0)) await work()
        return world.start(name, { environment })
      },
    }
    const control = stack.use(new RestartableNode(home, 'control'))
    const communityId = await addControlled(control)
    const chronicle = new Chronicle(weeks, 12, firstWeeks)
    await sealRound(world, control, communityId, chronicle, 0)
    const token = (await readFile(join(world.folder, 'control', 'data', 'http.token'), 'utf8')).trim()
    const browser = await openBrowser()
    stack.defer(() => browser.close())
    return new PageWorld({ world, control, communityId, chronicle, browser, origin, token }, pending, stack.move())
  }

  /**
   * Opens the page, as a person does who was given its address, for as long as the work takes, in a browser that has not
   * seen it before.
   */
  async onPage(route: string, work: (page: Page) => Promise<void>, options: OpenPageOptions = {}): Promise<void> {
    const { asStranger = false, origin = this.origin, ...rest } = options
    const fragment = asStranger ? route : `#token=${this.token}&${route.slice(1)}`
    await onPage(this.browser, `${origin}/${fragment}`, work, rest)
  }

  /** Kills the control node (kill -9), does something while it is gone, perhaps to its data folder, and starts it again. */
  async whileControlIsDown<T>(work: (dataFolder: string) => Promise<T>): Promise<T> {
    const done = Promise.withResolvers<T>()
    // However the work ends, the node comes back.
    this.#pending.push(() => work(join(this.world.folder, 'control', 'data')).then(done.resolve, done.reject))
    await this.control.kill()
    return done.promise
  }

  /** Another node of this world. */
  startNode(name: string): RestartableNode {
    return new RestartableNode(this.world, name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync()
  }
}
