import { readFile } from 'node:fs/promises'
import { call } from '@annals/annals'
import type { MadeCommunity, TestWebSeed } from '@annals/reader/testing'
import { communityId, startWebSeed } from '@annals/reader/testing'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axeViolations } from './support/axe-violations.ts'
import { beginning } from './support/chronicle.ts'
import { hostileTexts, makeBusy, makeHostile, makeLying, makePlain } from './support/hostile-histories.ts'
import { onPage } from './support/on-page.ts'
import type { OnPageOptions } from './support/on-page.ts'
import { openBrowser } from './support/open-browser.ts'
import { overflowOf } from './support/overflow.ts'
import { pagesOf } from './support/pages-of.ts'
import { tabTo } from './support/tab-to.ts'
import { World } from './support/world.ts'

const phone = { viewport: { width: 360, height: 740 } }
const busyMessages = 20_000

/** A node that has nothing but the page, a server of strangers, and a browser. */
let owned: AsyncDisposableStack
let browser: Browser
let origin: string
let histories: Record<'hostile' | 'busy' | 'lying' | 'plain', MadeCommunity>
let seed: TestWebSeed
beforeAll(async () => {
  owned = new AsyncDisposableStack()
  histories = {
    hostile: await makeHostile(),
    busy: await makeBusy(busyMessages),
    lying: await makeLying(),
    plain: await makePlain(3),
  }
  seed = owned.use(await startWebSeed(Object.values(histories)))
  const world = owned.use(await World.create(beginning))
  const node = owned.use(await world.start('elsewhere'))
  const { httpAddress } = await call(node.client, node.client.api.getStatus, { communityId: '' })
  origin = httpAddress
  browser = await openBrowser()
  owned.defer(() => browser.close())
})
afterAll(() => owned?.disposeAsync())

const linkOf = (history: MadeCommunity): string => history.magnetLink({ webSeeds: [seed.url(history)] })

/** Reads a link; fails where anything of it ran, threw, or was fetched from elsewhere. */
async function onReader(link: string, work: (page: Page) => Promise<void>, options?: OnPageOptions): Promise<void> {
  const route = link === '' ? '#/read' : `#/read?${new URLSearchParams({ link }).toString()}`
  await onPage(
    browser,
    `${origin}/${route}`,
    async (page) => {
      const wrong: string[] = []
      page.on('pageerror', ({ message }) => wrong.push(`threw: ${message}`))
      page.on('dialog', (dialog) => wrong.push(`asked: ${dialog.message()}`))
      page.on('popup', (popup) => wrong.push(`opened: ${popup.url()}`))
      page.context().on('request', (request) => {
        const url = new URL(request.url())
        if (![origin, seed.origin].includes(url.origin) && url.protocol !== 'blob:') wrong.push(`asked ${url.href}`)
      })
      await work(page)
      expect(await page.evaluate('window.hostile')).toBeUndefined()
      expect(wrong).toEqual([])
    },
    options,
  )
}

const weeks = (page: Page): Locator => page.getByRole('navigation', { name: 'Weeks' }).getByRole('listitem')
const messages = (page: Page): Locator => page.locator('.week .message')

async function openFirstWeek(page: Page): Promise<void> {
  await weeks(page).first().getByRole('button').click()
  await messages(page).first().waitFor()
}

describe('what strangers wrote', () => {
  it.for([
    ['in the light', { ...phone, colorScheme: 'light' }],
    ['in the dark', { colorScheme: 'dark' }],
  ] as const)('is shown as text that breaks nothing and hides nothing, %s', ([, options]) =>
    onReader(
      linkOf(histories.hostile),
      async (page) => {
        await openFirstWeek(page)
        const { markup, words, bidi } = hostileTexts
        for (const text of [markup, words, bidi]) await messages(page).filter({ hasText: text }).first().waitFor()
        expect(await messages(page).locator('img, script, a, iframe').count()).toBe(0)
        // Who has no name that is to be seen is called by the id; a long one is cut.
        const names = await messages(page).locator('.from > bdi').allInnerTexts()
        expect(names.filter((name) => name.trim() === '' || name.length > 121)).toEqual([])
        const heights = await messages(page).evaluateAll((found) =>
          found.map((each) => (each as unknown as { offsetHeight: number }).offsetHeight),
        )
        expect(Math.max(...heights)).toBeLessThan(4_000)
        expect(await overflowOf(page)).toBeLessThanOrEqual(0)
        expect(await axeViolations(page)).toEqual([])
      },
      options,
    ),
  )

  it('is unfolded piece by piece, however long a line is', () =>
    onReader(linkOf(histories.hostile), async (page) => {
      await openFirstWeek(page)
      const long = messages(page).filter({ hasText: 'more characters' })
      await long.getByText('896,000 more characters').waitFor()
      await long.getByRole('button', { name: 'Show more of it' }).click()
      await long.getByText('796,000 more characters').waitFor()
      expect(await overflowOf(page)).toBeLessThanOrEqual(0)
    }))

  it('has its time as far as a calendar goes, and what has none is counted', () =>
    onReader(linkOf(histories.hostile), async (page) => {
      await openFirstWeek(page)
      await messages(page).filter({ hasText: 'the beginning of time' }).filter({ hasText: '1 Jan 1970' }).waitFor()
      await messages(page).filter({ hasText: 'at its end' }).filter({ hasText: '13 Sept 275760' }).waitFor()
      await page.getByRole('status').filter({ hasText: '1 message (a time that no calendar has)' }).waitFor()
      await page.getByRole('status').filter({ hasText: '1 message (too large)' }).waitFor()
      expect(await messages(page).filter({ hasText: 'written after it' }).count()).toBe(0)
    }))

  it('is never more on the page at a time than one can read, of however many thousands', () =>
    onReader(linkOf(histories.busy), async (page) => {
      await openFirstWeek(page)
      const shown = await messages(page).count()
      expect(shown).toBeLessThanOrEqual(200)
      await messages(page).first().filter({ hasText: 'message 00000' }).waitFor()
      await page.getByRole('button', { name: 'Later' }).first().click()
      await messages(page)
        .first()
        .filter({ hasText: `message 00${shown}` })
        .waitFor()
      await page.getByRole('searchbox').fill('message 19999')
      await page.getByRole('button', { name: 'Search' }).click()
      await page.getByRole('button', { name: 'Show in its week' }).click()
      const marked = page.locator('.week .message.marked')
      await marked.filter({ hasText: 'message 19999' }).waitFor()
      expect(await messages(page).count()).toBeLessThanOrEqual(200)
    }))

  it('does not count where the list of weeks says more than there is', () =>
    onReader(linkOf(histories.lying), async (page) => {
      await page.getByText('4 entries of the list cannot be used and are left out.').waitFor()
      expect(await weeks(page).count()).toBe(1)
      await openFirstWeek(page)
      await messages(page).filter({ hasText: hostileTexts.words }).waitFor()
      expect(await axeViolations(page)).toEqual([])
    }))
})

describe('a bad link', () => {
  const bad: readonly (readonly [string, string, RegExp])[] = [
    ['a script', 'javascript:window.hostile=1', /neither a magnet link nor an address/],
    ['a document', 'data:text/html,<script>window.hostile=1</script>', /neither a magnet link nor an address/],
    ['a magnet link cut short', 'magnet:?xt=urn:btih:0123456789abcdef', /cannot be opened/],
    ['with a password in it', `https://me:secret@annals.example/${communityId}`, /user name/],
    ['a text without end', 'no link '.repeat(25_000), /neither a magnet link nor an address/],
  ]
  it.for(bad)('is refused readably, and another one can be given: %s', ([, link, said]) =>
    onReader('', async (page) => {
      await page.getByLabel('Magnet link').fill(link)
      await page.getByRole('button', { name: 'Open' }).click()
      await page.getByRole('alert').filter({ hasText: said }).waitFor()
      expect(await page.getByRole('alert').innerText()).not.toContain('secret')
      expect(await overflowOf(page)).toBeLessThanOrEqual(0)
      await page.getByLabel('Magnet link').fill(linkOf(histories.plain))
      await page.getByRole('button', { name: 'Open' }).click()
      await weeks(page).first().waitFor()
    }),
  )

  it('to another torrent than its server has is given up at once, and can be tried again', () => {
    const link = linkOf(histories.plain).replace(histories.plain.infoHash, 'ab'.repeat(20))
    return onReader(link, async (page) => {
      await page.getByRole('alert').filter({ hasText: 'torrent abababab' }).waitFor()
      expect(await axeViolations(page)).toEqual([])
      await page.getByRole('button', { name: 'Try again' }).click()
      await page.getByRole('alert').filter({ hasText: 'torrent abababab' }).waitFor()
    })
  })
})

/** A community’s public page on the strangers’ server. */
const address = (): string => `${seed.origin}/#/read/${communityId}`
const answer = async (page: Page, body: string, status: number): Promise<void> => {
  await page.route(/\/api\/v1\/public\/communities\//, (route) => route.fulfill({ status, body }))
}

describe('a public page whose server', () => {
  it.for([
    ['answers something else', '<!doctype html><title>Welcome</title>', 200, /no JSON/],
    ['answers too much', '[' + ' '.repeat(5_000_000), 200, /cut off or too long/],
    ['answers nonsense', JSON.stringify({ magnetLink: 'magnet:?xt=1', name: {} }), 200, /of the answer is no text/],
    ['does not know the community', '{}', 404, /not public there/],
    ['wants a token', '{}', 401, /not public there/],
  ] as const)('%s is refused readably', ([, body, status, said]) =>
    onReader(
      address(),
      async (page) => {
        await page.getByRole('alert').filter({ hasText: said }).waitFor()
        expect(await axeViolations(page)).toEqual([])
        expect(await overflowOf(page)).toBeLessThanOrEqual(0)
      },
      { ...phone, before: (page) => answer(page, body, status) },
    ),
  )

  it('never answers is given up after a while', () =>
    onReader(
      address(),
      async (page) => {
        await page.getByText('Asking what is behind the link').waitFor()
        await page.clock.fastForward(31_000)
        await page.getByRole('alert').filter({ hasText: 'within 30 s' }).waitFor()
        expect(await page.getByText('Asking what is behind the link').count()).toBe(0)
      },
      {
        before: async (page) => {
          await page.clock.install()
          await page.route(/\/api\/v1\/public\/communities\//, () => undefined)
        },
      },
    ))
})

describe('by keyboard alone', () => {
  it('a link is opened, a week read, a date gone to, something found, and a week saved', () =>
    onReader('', async (page) => {
      await tabTo(page, page.getByLabel('Magnet link'))
      await page.keyboard.insertText(linkOf(histories.plain))
      await tabTo(page, page.getByRole('button', { name: 'Open' }))
      await page.keyboard.press('Enter')
      await weeks(page).first().waitFor()
      expect(await page.evaluate('document.activeElement?.id')).toBe('main')
      await tabTo(page, weeks(page).first().getByRole('button'))
      await page.keyboard.press('Enter')
      await messages(page).filter({ hasText: 'week 2 begins' }).waitFor()
      await tabTo(page, page.getByRole('searchbox'), 'backwards')
      await tabTo(page, page.getByLabel('Go to a date'))
      await page.keyboard.type('01022024')
      await tabTo(page, page.getByRole('button', { name: 'Go to the date' }))
      await page.keyboard.press('Enter')
      const marked = page.locator('.message.marked')
      await marked.filter({ hasText: 'the harbour 0' }).waitFor()
      await page.locator('.message.marked:focus').waitFor()
      await tabTo(page, page.getByRole('searchbox'), 'backwards')
      await page.keyboard.type('HARBOUR 2')
      await page.keyboard.press('Enter')
      await tabTo(page, page.getByRole('button', { name: 'Show in its week' }))
      await page.keyboard.press('Enter')
      await page.locator('.message.marked:focus').filter({ hasText: 'the harbour 2' }).waitFor()
      await tabTo(page, page.getByRole('button', { name: 'JSON', exact: true }), 'backwards')
      const saving = page.waitForEvent('download')
      await page.keyboard.press('Enter')
      expect((await saving).suggestedFilename()).toMatch(/\.json$/)
      // Nobody stands before the order in which things are on the page.
      expect(await page.locator('[tabindex]:not([tabindex="0"], [tabindex="-1"])').count()).toBe(0)
    }))
})

describe('on paper', () => {
  it('a week has its messages and nothing to press', () =>
    onReader(linkOf(histories.busy), async (page) => {
      await openFirstWeek(page)
      await page.emulateMedia({ media: 'print' })
      expect(await page.getByRole('button').count()).toBe(0)
      expect(await page.getByRole('navigation').count()).toBe(0)
      expect(await messages(page).last().isVisible()).toBe(true)
      expect(pagesOf(await page.pdf({ format: 'A4' }))).toBeGreaterThan(3)
    }))

  it('the page that is saved has all of a week, whatever strangers wrote, and runs nothing', () =>
    onReader(linkOf(histories.hostile), async (page) => {
      await openFirstWeek(page)
      const saving = page.waitForEvent('download')
      await page.getByRole('button', { name: 'Page to print' }).click()
      const file = await (await saving).path()
      const html = await readFile(file, 'utf8')
      await onPage(
        browser,
        'about:blank',
        async (paper) => {
          await paper.setContent(html)
          await paper.emulateMedia({ media: 'print' })
          await paper.setViewportSize({ width: 700, height: 990 })
          for (const text of [hostileTexts.words, hostileTexts.markup, 'written at its end'])
            await paper.getByText(text).first().waitFor()
          expect(await paper.evaluate('window.hostile')).toBeUndefined()
          expect(await paper.locator('script, img, a, iframe').count()).toBe(0)
          expect(await overflowOf(paper)).toBeLessThanOrEqual(0)
          expect(await axeViolations(paper)).toEqual([])
          // The longest line alone takes hundreds.
          expect(pagesOf(await paper.pdf({ format: 'A4' }))).toBeGreaterThan(100)
        },
        { ...phone },
      )
    }))
})
