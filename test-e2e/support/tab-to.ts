import type { Locator, Page } from 'playwright-core'

/** More stops than any page of ours has before something that one goes to. */
const mostStops = 60

/** Somebody who has no pointer came to a stop where nothing shows where that is. */
class UnseenFocusError extends Error {
  override readonly name = 'UnseenFocusError'
}

/**
 * Goes to something as one does who has no pointer, stop by stop; every stop on the way is to be seen.
 * @throws UnseenFocusError, TypeError where it is not to be reached
 */
export async function tabTo(page: Page, place: Locator, direction: 'onwards' | 'backwards' = 'onwards'): Promise<void> {
  for (let stops = 0; stops < mostStops; stops += 1) {
    await page.keyboard.press(direction === 'onwards' ? 'Tab' : 'Shift+Tab')
    const seen = await page.evaluate<string>(howSeen)
    if (seen !== '') throw new UnseenFocusError(`stop ${stops + 1}: ${seen}`)
    if (await place.evaluate((found) => found === found.ownerDocument.activeElement)) return
  }
  throw new TypeError(`${mostStops} stops do not lead to ${String(place)}`)
}

/** In the page: what is wrong with how the focus is to be seen, empty where nothing is. */
const howSeen = `(() => {
  const element = document.activeElement
  if (element === null || element === document.body) return ''
  const { top, bottom, width, height } = element.getBoundingClientRect()
  if (width === 0 || height === 0) return element.outerHTML + ' has no size'
  if (bottom <= 0 || top >= innerHeight) return element.outerHTML + ' is out of the window'
  const { outlineStyle, outlineWidth } = getComputedStyle(element)
  return outlineStyle === 'none' || outlineWidth === '0px' ? element.outerHTML + ' has no outline' : ''
})()`
