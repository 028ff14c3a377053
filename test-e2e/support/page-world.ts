import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { call } from '@annals/annals'
import { addControlled, beginning, Chronicle, sealRound } from './chronicle.ts'
import { openBrowser } from './open-browser.ts'
import { RestartableNode } from './restartable-node.ts'
import { World } from './world.ts'

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

  private constructor(parts: Omit<PageWorld, 'openPage' | typeof Symbol.asyncDispose>, owned: AsyncDisposableStack) {
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
    const control = stack.use(new RestartableNode(world, 'control'))
    const communityId = await addControlled(control)
    const chronicle = new Chronicle(weeks, 12, firstWeeks)
    await sealRound(world, control, communityId, chronicle, 0)
    const { httpAddress: origin } = await control.run(({ client }) =>
      call(client, client.api.getStatus, { communityId: '' }),
    )
    const token = (await readFile(join(world.folder, 'control', 'data', 'http.token'), 'utf8')).trim()
    const browser = await openBrowser()
    stack.defer(() => browser.close())
    return new PageWorld({ world, control, communityId, chronicle, browser, origin, token }, stack.move())
  }

  /** Opens the page as a person does who was given its address, in a browser that has not seen it before. */
  async openPage(route = '#/', options: BrowserContextOptions & { readonly asStranger?: boolean } = {}): Promise<Page> {
    const { asStranger = false, ...rest } = options
    const context = await this.browser.newContext(rest)
    const page = await context.newPage()
    const fragment = asStranger ? route : `#token=${this.token}&${route.slice(1)}`
    await page.goto(`${this.origin}/${fragment}`)
    return page
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync()
  }
}
