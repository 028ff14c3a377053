import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

export interface OnPageOptions extends BrowserContextOptions {
  /** Done before anything is loaded. */
  readonly before?: (page: Page) => Promise<void>
}

/** Opens an address for as long as the work takes, in a browser that has seen nothing before. */
export async function onPage(
  browser: Browser,
  url: string,
  work: (page: Page) => Promise<void>,
  { before, ...options }: OnPageOptions = {},
): Promise<void> {
  const context = await browser.newContext(options)
  try {
    const page = await context.newPage()
    await before?.(page)
    await page.goto(url)
    await work(page)
  } finally {
    await context.close()
  }
}
