import { call } from '@annals/annals'
import { decodeMagnetLink, encodeMagnetLink } from '@annals/archive'
import type { MagnetLink } from '@annals/archive'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axeViolations } from './support/axe-violations.ts'
import { archivesOf, sealRound } from './support/chronicle.ts'
import { PageWorld } from './support/page-world.ts'
import type { RestartableNode } from './support/restartable-node.ts'

type Options = Parameters<PageWorld['onPage']>[2]

let world: PageWorld
/** A node that has nothing: its page is for who reads when the node that seeds is gone. */
let elsewhere: RestartableNode
let elsewhereOrigin: string
beforeAll(async () => {
  world = await PageWorld.create({ weeks: 12, firstWeeks: 11 })
  elsewhere = world.startNode('elsewhere')
  const status = await elsewhere.run(({ client }) => call(client, client.api.getStatus, { communityId: '' }))
  elsewhereOrigin = status.httpAddress
})
afterAll(async () => {
  await elsewhere?.[Symbol.asyncDispose]()
  await world?.[Symbol.asyncDispose]()
})

async function linkWith(change: Partial<Pick<MagnetLink, 'trackers' | 'webSeeds'>>): Promise<string> {
  const { magnetLink } = await archivesOf(world.control, world.communityId)
  const { infoHash } = decodeMagnetLink(magnetLink)
  return encodeMagnetLink({
    infoHash,
    communityId: world.communityId,
    trackers: [],
    webSeeds: [],
    peers: [],
    ...change,
  })
}

const overPeers = (): Promise<string> => linkWith({ trackers: [world.world.socketTrackerUrl] })
const overTheWeb = async (): Promise<string> => {
  const { magnetLink } = await archivesOf(world.control, world.communityId)
  return linkWith({ webSeeds: decodeMagnetLink(magnetLink).webSeeds })
}

const reading = (link: string): string => `#/read?${new URLSearchParams({ link }).toString()}`

/** Who reads has no token. */
const onPage = (route: string, work: (page: Page) => Promise<void>, options: Options = {}): Promise<void> =>
  world.onPage(route, work, { asStranger: true, ...options })

const weeks = (page: Page): ReturnType<Page['getByRole']> =>
  page.getByRole('navigation', { name: 'Weeks' }).getByRole('listitem').getByRole('button')

async function openNewest(page: Page): Promise<void> {
  await weeks(page).first().click()
  await page.locator('.message').first().waitFor()
}

/** Bytes that came, as the page says them. */
async function bytesOn(page: Page): Promise<{ readonly peers: number; readonly web: number }> {
  const [peers = '', web = ''] = await page
    .locator('.traffic dd[data-bytes]')
    .evaluateAll((found) => found.map((each) => (each as unknown as { dataset: { bytes: string } }).dataset.bytes))
  return { peers: Number(peers), web: Number(web) }
}

describe('the reader', () => {
  it('reads one week of ten from a seeder over WebRTC, with no web seed, and fetches only that', async () => {
    await onPage(reading(await overPeers()), async (page) => {
      await openNewest(page)
      expect(await weeks(page).count()).toBe(10)
      const { archives } = await archivesOf(world.control, world.communityId)
      const all = archives.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
      const { peers, web } = await bytesOn(page)
      expect(web).toBe(0)
      expect(peers).toBeGreaterThan(0)
      expect(peers).toBeLessThan(all / 2)
    })
  })

  it('reads it over the web seed, with no peer', async () => {
    await onPage(reading(await overTheWeb()), async (page) => {
      await openNewest(page)
      const { peers, web } = await bytesOn(page)
      expect([peers, web > 0]).toEqual([0, true])
    })
  })

  it('reads at the node that the page comes from what a link names no source for that a browser could ask', async () => {
    await onPage(reading(await linkWith({})), async (page) => {
      await openNewest(page)
      expect((await bytesOn(page)).web).toBeGreaterThan(0)
    })
  })

  it('says who vouches: nobody for a bare link, the community for its public page', async () => {
    await onPage(reading(await overTheWeb()), async (page) => {
      await page.getByText('Not signed').waitFor()
      expect(await page.getByText('Signed by').count()).toBe(0)
    })
    const { control, communityId } = world
    await control.run(({ client }) => call(client, client.api.changeVisibility, { communityId, public: true }))
    await onPage(`#/read/${communityId}`, async (page) => {
      await page.getByText('Signed by the community').waitFor()
      await page.getByRole('heading', { name: 'Chronicle' }).waitFor()
      await openNewest(page)
      // What its channels are called as well, which no archive says.
      await page.locator('.message').filter({ hasText: 'in general' }).first().waitFor()
      expect(await page.getByLabel('Channel').innerText()).toMatch(/general \(\d+ messages?\)/)
    })
  })

  it('refuses a piece that was altered on the way, says so, and shows nothing of it', async () => {
    const link = await overTheWeb()
    await onPage('#/read', async (page) => {
      await page.route(/\/seeds\/.*\/data$/, async (route) => {
        const answer = await route.fetch()
        const body = await answer.body()
        body[0] = (body[0] ?? 0) ^ 1
        await route.fulfill({ response: answer, body })
      })
      await page.getByLabel('Magnet link').fill(link)
      await page.getByRole('button', { name: 'Open' }).click()
      await weeks(page).first().click()
      await page.getByRole('alert').filter({ hasText: 'came altered' }).waitFor()
      expect(await page.locator('.message').count()).toBe(0)
    })
  })

  it('finds, goes to a date, and saves a week', async () => {
    await onPage(reading(await overTheWeb()), async (page) => {
      await openNewest(page)
      const [first = ''] = (await page.locator('.message .text').first().innerText()).split(' ')
      await page.getByRole('searchbox').fill(first)
      await page.getByRole('button', { name: 'Search' }).click()
      await page.getByRole('region', { name: 'Found' }).locator('.message').first().waitFor()
      await page.getByLabel('Go to a date').fill('2025-01-08')
      await page.getByRole('button', { name: 'Go to the date' }).click()
      await page.getByRole('heading', { name: '6 Jan 2025' }).waitFor()
      for (const name of ['Page to print', 'JSON', 'NDJSON']) {
        const saving = page.waitForEvent('download')
        await page.getByRole('button', { name, exact: true }).click()
        expect((await saving).suggestedFilename()).not.toBe('')
      }
    })
  })

  it('has what it read at the next visit, and costs nothing then', async () => {
    const link = await overTheWeb()
    await onPage(reading(link), async (page) => {
      await openNewest(page)
      await page.reload()
      await openNewest(page)
      expect(await bytesOn(page)).toEqual({ peers: 0, web: 0 })
    })
  })

  it.for([
    ['in the light', { colorScheme: 'light' }],
    ['in the dark', { colorScheme: 'dark' }],
    ['on a phone', { viewport: { width: 375, height: 740 } }],
  ] as const)('is accessible with a week open %s', async ([, options]) => {
    await onPage(
      reading(await overTheWeb()),
      async (page) => {
        await openNewest(page)
        expect(await axeViolations(page)).toEqual([])
        expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0)
      },
      options,
    )
  })

  it('shows what somebody wrote as it was written, and lets nothing of it run', async () => {
    const { control, communityId, chronicle } = world
    const text =
      '<img src=x onerror="document.title=1"><script>document.title=2</script>\u202E **bold** https://example.invalid'
    const [record] = chronicle.recordsOf(1)
    if (record === undefined) throw new TypeError('the round has no messages')
    await control.run((node) =>
      node.import(
        communityId,
        [{ ...record, sourceId: 'hostile', text, authorName: '<b>nobody</b>' }],
        () => undefined,
      ),
    )
    await sealRound(world.world, control, communityId, chronicle, 1)
    await onPage(reading(await overTheWeb()), async (page) => {
      await openNewest(page)
      await page.locator('.message .text').filter({ hasText: '<img src=x' }).waitFor()
      expect(await page.locator('.message').locator('img, script, a').count()).toBe(0)
      expect(await page.title()).not.toMatch(/^[12]$/)
    })
  })

  it('reads from another browser when the seeder was killed', async () => {
    const link = await overPeers()
    await onPage(
      reading(link),
      async (reader) => {
        await openNewest(reader)
        await world.whileControlIsDown(() =>
          onPage(
            reading(link),
            async (page) => {
              await openNewest(page)
              const { peers, web } = await bytesOn(page)
              expect([peers > 0, web]).toEqual([true, 0])
            },
            { origin: elsewhereOrigin },
          ),
        )
      },
      { origin: elsewhereOrigin },
    )
  })
})
