import type { Page } from 'playwright-core'

/** By how much a page is wider than its window, pixels; not above 0 where nobody has to scroll sideways. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - window.innerWidth')
}
