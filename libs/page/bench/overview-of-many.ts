// How much longer the overview takes with 10,000 communities than with 100: to the first row, and while it is scrolled
// through. The list comes from a server that has it in memory, so it is the page that is measured.
//
//   node libs/page/bench/overview-of-many.ts [rounds]
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openChromium } from '@annals/local-servers'
import type { Browser } from 'playwright-core'
import { chromium } from 'playwright-core'
import { loadPage } from '../src/index.ts'

const counts = [100, 10_000] as const
const scrolls = 60
const rounds = Number(process.argv[2] ?? 5)
const say = (line: string): boolean => process.stdout.write(`${line}\n`)

const page = await loadPage()
const { program, environment, origin } = await openChromium()
say(origin)
const browser = await chromium.launch({
  executablePath: program,
  env: { ...process.env, ...environment },
  args: ['--no-sandbox', '--disable-dev-shm-usage'],
})

const measured = new Map<number, { firstRow: number[]; frame: number[] }>()
for (let round = 0; round < rounds; round += 1)
  for (const count of counts) {
    const { firstRow, frame } = await look(browser, count)
    const so = measured.get(count) ?? { firstRow: [], frame: [] }
    measured.set(count, { firstRow: [...so.firstRow, firstRow], frame: [...so.frame, frame] })
  }
await browser.close()

const [few, many] = counts.map((count) => measured.get(count) ?? { firstRow: [], frame: [] })
for (const what of ['firstRow', 'frame'] as const) {
  const [a, b] = [median(few?.[what] ?? []), median(many?.[what] ?? [])]
  say(
    `${what}: ${a.toFixed(1)} ms with ${counts[0]}, ${b.toFixed(1)} ms with ${counts[1]}: ratio ${(b / a).toFixed(2)}`,
  )
}

/** Milliseconds to the first row, and of the longest frame in twenty while the page is scrolled to its end. */
async function look(browser: Browser, count: number): Promise<{ firstRow: number; frame: number }> {
  await using server = await serve(count)
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 } })
  const tab = await context.newPage()
  const begin = performance.now()
  await tab.goto(`${server.url}/#token=0123456789abcdef`)
  await tab.locator('.row a').first().waitFor()
  const firstRow = performance.now() - begin
  const frames = await tab.evaluate<number[]>(`new Promise((resolve) => {
    const frames = []
    let last = performance.now()
    const step = () => {
      const now = performance.now()
      frames.push(now - last)
      last = now
      window.scrollTo(0, (document.documentElement.scrollHeight * frames.length) / ${scrolls})
      if (frames.length < ${scrolls}) requestAnimationFrame(step)
      else resolve(frames)
    }
    requestAnimationFrame(step)
  })`)
  await context.close()
  return { firstRow, frame: frames.toSorted((a, b) => b - a)[Math.floor(frames.length / 20)] ?? 0 }
}

async function serve(count: number): Promise<AsyncDisposable & { readonly url: string }> {
  const communities = Array.from({ length: count }, (_, number) => ({
    communityId: `0x02${number.toString(16).padStart(64, '0')}`,
    name: `Community ${number}`,
    controlNode: true,
    joined: true,
    archivingOn: true,
    sealedThrough: 1_790_000_000 - number,
    nextDue: 1_790_500_000,
    seeders: 2,
    announcedAt: 1_790_000_100,
    needs: number % 50 === 0 ? [{ reason: 'behind', since: 1_789_000_000, detail: '2' }] : [],
  }))
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
    const file = page.get(pathname)
    if (file !== undefined) response.setHeader('content-type', file.contentType).end(file.bytes)
    else if (pathname === '/api/v1/communities') {
      const offset = Number(searchParams.get('offset') ?? 0)
      const part = communities.slice(offset, offset + Number(searchParams.get('limit') ?? 100))
      response.end(
        JSON.stringify({ communities: part, total: count, needing: { behind: count / 50 }, now: 1_790_100_000 }),
      )
    } else response.writeHead(404).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
}
