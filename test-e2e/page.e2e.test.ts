import { call } from '@annals/annals'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axeViolations } from './support/axe-violations.ts'
import { archivesOf, sealRound } from './support/chronicle.ts'
import { PageWorld } from './support/page-world.ts'

let world: PageWorld
beforeAll(async () => {
  world = await PageWorld.create({ weeks: 12, firstWeeks: 10 })
})
afterAll(() => world?.[Symbol.asyncDispose]())

const row = (page: Page): ReturnType<Page['getByRole']> => page.getByRole('row').filter({ hasText: 'Chronicle' })
const communityRoute = (): string => `#/communities/${world.communityId}`

describe('the overview', () => {
  it('shows a community, and follows what happens to it', () =>
    world.onPage('#/', async (page) => {
      await row(page).waitFor()
      await page.getByText('Live', { exact: true }).waitFor()
      const before = await row(page).innerText()
      await sealRound(world.world, world.control, world.communityId, world.chronicle, 1)
      const changed = row(page).filter({ hasNotText: before.split('\n')[2] ?? '' })
      await changed.waitFor()
      expect(await row(page).count()).toBe(1)
    }))

  it('asks a stranger for a token, and takes the one that is entered', () =>
    world.onPage(
      '#/',
      async (page) => {
        await page.getByRole('alert').filter({ hasText: 'token' }).waitFor()
        await page.getByRole('button', { name: 'Enter a token' }).click()
        await page.getByLabel('Token of an operator').fill(world.token)
        await page.getByRole('button', { name: 'Use it' }).click()
        await row(page).waitFor()
        expect(await page.getByRole('alert').count()).toBe(0)
      },
      { asStranger: true },
    ))

  it('takes the token out of the address', () =>
    world.onPage('#/', async (page) => {
      await row(page).waitFor()
      expect(page.url()).not.toContain(world.token)
    }))
})

describe('a community', () => {
  it('does what it is told, and says what came of it', () =>
    world.onPage(communityRoute(), async (page) => {
      await page.getByRole('button', { name: 'Announce again' }).click()
      await page.getByRole('status').filter({ hasText: 'once more' }).waitFor()
      const { archives } = await archivesOf(world.control, world.communityId)
      await page.getByText(`${archives.length} archives`).waitFor()
      expect(await page.getByRole('alert').count()).toBe(0)
    }))

  it('says readably why something is refused', () =>
    world.onPage(communityRoute(), async (page) => {
      await page.getByRole('button', { name: 'Archive now' }).waitFor()
      const { control, communityId } = world
      await control.run(({ client }) => call(client, client.api.disableArchiving, { communityId }))
      await page.getByRole('button', { name: 'Switch on' }).waitFor()
      await page.getByRole('button', { name: 'Archive now' }).click()
      await page
        .getByRole('alert')
        .filter({ hasText: /archiving/i })
        .waitFor()
      await page.getByRole('button', { name: 'Switch on' }).click()
      await page.getByText('Archiving is on.').waitFor()
      await page.getByRole('button', { name: 'Switch off' }).waitFor()
      expect(await page.getByRole('button', { name: 'Switch on' }).count()).toBe(0)
    }))

  it('asks before it is switched off', () =>
    world.onPage(communityRoute(), async (page) => {
      await page.getByRole('button', { name: 'Switch off' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByText('Nothing more is sealed').waitFor()
      await dialog.getByRole('button', { name: 'Cancel' }).click()
      await dialog.waitFor({ state: 'hidden' })
      const { community } = await world.control.run(({ client }) =>
        call(client, client.api.getCommunity, { communityId: world.communityId }),
      )
      expect(community?.archivingOn).toBe(true)
    }))
})

describe('every page', () => {
  const pages = [
    ['the overview', () => '#/', (page: Page) => row(page).waitFor()],
    ['a community', communityRoute, (page: Page) => page.getByRole('heading', { name: 'Swarm' }).waitFor()],
    ['dead letters', () => '#/dead-letters', (page: Page) => page.getByText('every event was handled').waitFor()],
    ['the reader', () => '#/read', (page: Page) => page.getByRole('button', { name: 'Open' }).waitFor()],
  ] as const
  const looks = [
    ['in the light', { colorScheme: 'light' }],
    ['in the dark', { colorScheme: 'dark' }],
    ['on a phone', { viewport: { width: 375, height: 740 } }],
  ] as const

  for (const [name, route, ready] of pages)
    it.for(looks)(`${name} is accessible and fits %s`, ([, options]) =>
      world.onPage(
        route(),
        async (page) => {
          await ready(page)
          expect(await axeViolations(page)).toEqual([])
          expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0)
        },
        options,
      ),
    )

  it('can be used by keyboard alone', () =>
    world.onPage('#/', async (page) => {
      await row(page).waitFor()
      const focused = 'document.activeElement?.textContent'
      for (let tabs = 0; tabs < 20; tabs += 1) {
        await page.keyboard.press('Tab')
        if ((await page.evaluate(focused)) === 'Chronicle') break
      }
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Chronicle' }).waitFor()
      // What is new has the focus, so that the next key goes on there.
      expect(await page.evaluate('document.activeElement?.id')).toBe('main')
    }))
})
