import { describe, expect, it, vi } from 'vitest'
import { startPrometheus } from './start-prometheus.ts'
import { startOrSkip } from './testing/index.ts'

const scrapeMilliseconds = 100

/** How many of its targets it reaches. */
async function reached(url: string): Promise<string | undefined> {
  const response = await fetch(`${url}/api/v1/query?query=sum(up)`)
  const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } }
  return data.result[0]?.value[1]
}

describe('startPrometheus', () => {
  it('fetches from its targets, also after it was killed and started again', async (test) => {
    await using first = await startOrSkip(test, () => startPrometheus({ targets: [], scrapeMilliseconds }))
    const targets = [new URL(first.url).host, '127.0.0.1:1']
    await using second = await startPrometheus({ targets, scrapeMilliseconds })
    await vi.waitFor(async () => expect(await reached(second.url)).toBe('1'), { timeout: 60_000 })
    await second.kill()
    await second.start()
    await vi.waitFor(async () => expect(await reached(second.url)).toBe('1'), { timeout: 60_000 })
  })
})
