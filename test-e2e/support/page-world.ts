import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { choosePort } from '@annals/local-servers'
import { addControlled, beginning, Chronicle, sealRound } from './chronicle.ts'
import { openBrowser } from './open-browser.ts'
import { RestartableNode } from './restartable-node.ts'
import { World } from './world.ts'

interface OpenPageOptions extends BrowserContextOptions {
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
  readonly #owned: AsyncDisposableStack

  private constructor(
    parts: Omit<PageWorld, 'onPage' | 'startNode' | typeof Symbol.asyncDispose>,
    owned: AsyncDisposableStack,
  ) {
    this.world = parts.world
    this.control = parts.control
    this.communityId = parts.communityId
    this.chronicle = parts.chronicle
    this.browser = parts.browser
    this.origin = parts.origin
    this.token = parts.token
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
    const control = stack.use(new RestartableNode({ start: (name) => world.start(name, { environment }) }, 'control'))
    const communityId = await addControlled(control)
    const chronicle = new Chronicle(weeks, 12, firstWeeks)
    await sealRound(world, control, communityId, chronicle, 0)
    const token = (await readFile(join(world.folder, 'control', 'data', 'http.token'), 'utf8')).trim()
    const browser = await openBrowser()
    stack.defer(() => browser.close())
    return new PageWorld({ world, control, communityId, chronicle, browser, origin, token }, stack.move())
  }

  /** Opens the page as a person does who was given its address, in a browser that has not seen it before. */
  async #openPage(route = '#/', options: OpenPageOptions = {}): Promise<Page> {
    const { asStranger = false, origin = this.origin, ...rest } = options
    const context = await this.browser.newContext(rest)
    const page = await context.newPage()
    const fragment = asStranger ? route : `#token=${this.token}&${route.slice(1)}`
    await page.goto(`${origin}/${fragment}`)
    return page
  }

  /** Opens a page for as long as the work takes, in a browser of its own. */
  async onPage(route: string, work: (page: Page) => Promise<void>, options?: OpenPageOptions): Promise<void> {
    const page = await this.#openPage(route, options)
    try {
      await work(page)
    } finally {
      await page.context().close()
    }
  }

  /** Another node of this world. */
  startNode(name: string): RestartableNode {
    return new RestartableNode(this.world, name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync()
  }
}
