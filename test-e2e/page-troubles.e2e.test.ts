import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeUpHistory } from '@annals/annals'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axeViolations } from './support/axe-violations.ts'
import { buryEvents } from './support/bury-events.ts'
import { addWithHistory, archivesOf, beginning, week } from './support/chronicle.ts'
import { overflowOf } from './support/overflow.ts'
import { Outgoing } from './support/outgoing.ts'
import { pagesOf } from './support/pages-of.ts'
import { PageWorld } from './support/page-world.ts'
import { runAnnals } from './support/run-annals.ts'
import { deadLetters } from './support/unhandled-events.ts'

const failure = 'ENOSPC: no space left on device, write'
const yearsOfWeeks = 160
const phone = { viewport: { width: 360, height: 740 } }

let world: PageWorld
/** Of the first community, whose dispatcher had no room. */
let buried: readonly string[]
let long: string
let closed: string
beforeAll(async () => {
  world = await PageWorld.create({ weeks: 2, firstWeeks: 2 })
  const { control, communityId } = world
  const { infoHash } = await archivesOf(control, communityId)
  buried = await world.whileControlIsDown((folder) =>
    buryEvents(folder, { communityId, infoHash }, 2, new Error(failure)),
  )
  const begin = beginning - (yearsOfWeeks - 2) * week
  const years = makeUpHistory(begin, yearsOfWeeks, 4)
  long = await addWithHistory(world.world, control, { key: Buffer.alloc(32, 8), name: 'Long years' }, years)
  const secret = { key: Buffer.alloc(32, 9), name: 'Closed circle', encrypted: true }
  closed = await addWithHistory(world.world, control, secret, makeUpHistory(beginning, 2, 12))
})
afterAll(() => world?.[Symbol.asyncDispose]())

const weeks = (page: Page): ReturnType<Page['getByRole']> =>
  page.getByRole('navigation', { name: 'Weeks' }).getByRole('listitem').getByRole('button')

const letters = (page: Page): ReturnType<Page['getByRole']> => page.getByRole('article')
const left = (): Promise<number> => deadLetters(world.control).then(({ length }) => length)

const boxes = (page: Page): ReturnType<Page['locator']> => page.locator('.calendar td button')
const chosen = (page: Page): Promise<string> => page.locator('.calendar .chosen').innerText()
const begun = new Date((beginning - (yearsOfWeeks - 2) * week) * 1000)

const form = (page: Page): ReturnType<Page['locator']> =>
  page.locator('form').filter({ has: page.getByRole('heading', { name: 'A key is needed' }) })
const give = async (page: Page, key: string): Promise<void> => {
  await form(page).getByRole('textbox').fill(key)
  await form(page).getByRole('button', { name: 'Use it' }).click()
}

describe('dead letters', () => {
  it('are shown with the event and why it failed, and can be used by everybody', () =>
    world.onPage(
      '#/dead-letters',
      async (page) => {
        await letters(page).first().waitFor()
        expect(await letters(page).count()).toBe(2)
        for (const id of buried) await letters(page).filter({ hasText: id }).filter({ hasText: failure }).waitFor()
        expect(await axeViolations(page)).toEqual([])
        expect(await overflowOf(page)).toBeLessThanOrEqual(0)
      },
      phone,
    ))

  it('are handed to their consumer again, and the list follows', () =>
    world.onPage('#/dead-letters', async (page) => {
      const [first = ''] = buried
      await letters(page).filter({ hasText: first }).getByRole('button', { name: 'Replay' }).click()
      await page.getByRole('status').filter({ hasText: 'magnet-dispatcher has SeedingStarted again' }).waitFor()
      await letters(page).filter({ hasText: first }).waitFor({ state: 'detached' })
      await page.getByText('1 dead letter.').waitFor()
      expect(await left()).toBe(1)
      // The button that had the focus is gone, and who goes on by keyboard is not sent back to the top.
      expect(await page.evaluate('document.activeElement?.textContent')).toContain('has SeedingStarted again')
    }))

  it('are dropped when that was confirmed, and nothing is left', () =>
    world.onPage('#/dead-letters', async (page) => {
      await letters(page).getByRole('button', { name: 'Drop' }).click()
      const dialog = page.getByRole('dialog', { name: 'Drop' })
      await dialog.getByText('will never handle this').waitFor()
      expect(await axeViolations(page)).toEqual([])
      await dialog.getByRole('button', { name: 'Drop' }).click()
      await page.getByRole('status').filter({ hasText: 'Dropped' }).waitFor()
      await page.getByText('every event was handled').waitFor()
      expect(await left()).toBe(0)
    }))
})

describe('years of weeks', () => {
  it('are a calendar that one goes through with the arrow keys, from one stop of the tabulator', () =>
    world.onPage(`#/communities/${long}`, async (page) => {
      await boxes(page).first().waitFor()
      expect(await boxes(page).count()).toBeGreaterThanOrEqual(yearsOfWeeks)
      expect(await page.locator('.calendar [tabindex="0"]').count()).toBe(1)
      for (let tabs = 0; (await page.locator('.calendar button:focus').count()) === 0 && tabs < 20; tabs += 1)
        await page.keyboard.press('Tab')
      expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid')
      await page.keyboard.press('ArrowLeft')
      const last = await chosen(page)
      expect(last).toMatch(/^Week of 13 Jan 2025: sealed, \d+ messages?/)
      await page.keyboard.press('ArrowDown')
      expect(await chosen(page)).toContain('Jan 2024')
      await page.keyboard.press('Control+Home')
      expect(await chosen(page)).toContain(String(begun.getUTCFullYear()))
      // The next stop is outside of the calendar.
      await page.keyboard.press('Tab')
      expect(await page.locator('.calendar button:focus').count()).toBe(0)
      await page.keyboard.press('Shift+Tab')
      expect(await chosen(page)).toContain(String(begun.getUTCFullYear()))
    }))

  it.for([
    ['in the light', { ...phone, colorScheme: 'light' }],
    ['in the dark', { ...phone, colorScheme: 'dark' }],
  ] as const)('fit a phone %s, large enough for a finger', ([, options]) =>
    world.onPage(
      `#/communities/${long}`,
      async (page) => {
        await boxes(page).nth(40).click()
        expect(await chosen(page)).toMatch(/^Week of /)
        const box = await boxes(page).nth(40).boundingBox()
        expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(24)
        expect(await axeViolations(page)).toEqual([])
        expect(await overflowOf(page)).toBeLessThanOrEqual(0)
      },
      options,
    ),
  )

  it('are read as well: any week of them from one that is opened by its date', () =>
    world.onPage(
      '#/read',
      async (page) => {
        const { magnetLink } = await archivesOf(world.control, long)
        await page.getByLabel('Magnet link').fill(magnetLink)
        await page.getByRole('button', { name: 'Open' }).click()
        await page.getByLabel('Go to a date').fill('2022-06-15')
        await page.getByRole('button', { name: 'Go to the date' }).click()
        await page.getByRole('heading', { name: '13 Jun 2022' }).waitFor()
        const { archives } = await archivesOf(world.control, long)
        expect(await page.getByRole('navigation', { name: 'Weeks' }).locator('li').count()).toBe(archives.length)
        expect(await axeViolations(page)).toEqual([])
      },
      { ...phone, asStranger: true },
    ))
})

describe('an encrypted community', () => {
  it('asks for its key, refuses others, is read with it, and lets nothing of it out of the browser', async () => {
    const { control, world: here } = world
    const dataFolder = join(here.folder, 'control', 'data')
    const file = join(here.folder, 'keys.json')
    await runAnnals(['group-keys', 'export', closed, file, '--data', dataFolder], here.environment)
    const exported = await readFile(file, 'utf8')
    const { keys } = JSON.parse(exported) as { keys: { key: string }[] }
    const secrets = keys.map(({ key }) => key)
    const { magnetLink, infoHash } = await archivesOf(control, closed)
    const route = `#/read?${new URLSearchParams({ link: magnetLink }).toString()}`
    let outgoing: Outgoing | undefined
    await world.onPage(
      route,
      async (page) => {
        await form(page).waitFor()
        expect(await axeViolations(page)).toEqual([])
        await give(page, 'no key at all')
        await form(page).getByRole('alert').filter({ hasText: 'no group key' }).waitFor()
        await give(page, `${'ab'.repeat(32)} 1700000000000`)
        await form(page).getByRole('alert').filter({ hasText: 'not the one that opens this history' }).waitFor()
        expect(await axeViolations(page)).toEqual([])
        await give(page, exported)
        await weeks(page).first().click()
        await page.locator('.message').first().waitFor()
        expect(await form(page).count()).toBe(0)
        expect([...(outgoing?.kinds ?? [])]).toEqual(expect.arrayContaining(['request', 'frame', 'peer']))
        expect(outgoing?.with(secrets)).toEqual([])
        // What is not secret is seen to go out, in hex and as bytes: nothing is overlooked for its form.
        expect(outgoing?.with([infoHash]).length).toBeGreaterThan(1)
        const kept = await page.evaluate<string>('JSON.stringify([localStorage, sessionStorage, location.href])')
        for (const secret of secrets) expect(kept).not.toContain(secret)
        // It is not kept for the next visit either, where nobody asked for that.
        await page.reload()
        await form(page).waitFor()
        expect(outgoing?.with(secrets)).toEqual([])
      },
      { asStranger: true, before: async (page) => void (outgoing = await Outgoing.of(page)) },
    )
  })
})

describe('on paper', () => {
  it('a page has what is read, black on white, and nothing to press', () =>
    world.onPage(
      `#/communities/${long}`,
      async (page) => {
        await page.getByRole('heading', { name: 'Swarm' }).waitFor()
        await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
        expect(await page.getByRole('navigation').count()).toBe(0)
        expect(await page.getByRole('button', { name: 'Archive now' }).count()).toBe(0)
        const colours = `(({ color, backgroundColor }) => [color, backgroundColor])(getComputedStyle(document.documentElement))`
        expect(await page.evaluate(colours)).toEqual(['rgb(0, 0, 0)', 'rgb(255, 255, 255)'])
        await page.setViewportSize({ width: 700, height: 900 })
        expect(await overflowOf(page)).toBeLessThanOrEqual(0)
        expect(pagesOf(await page.pdf({ format: 'A4' }))).toBeGreaterThan(0)
      },
      { colorScheme: 'dark' },
    ))
})
