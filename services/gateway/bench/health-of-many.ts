// How long it takes to look up how 10,000 communities are, and to ask for it over HTTP, over the embedded stores:
// node services/gateway/bench/health-of-many.ts [communities]
import { collectHealth } from '../src/health/collect-health.ts'
import { askHttp, operatorOf } from '../src/testing/http-client.ts'
import { startTestGateway } from '../src/testing/index.ts'
import { fillCommunities } from './fill-communities.ts'

const count = Number(process.argv[2] ?? 10_000)

async function measure(what: string, work: () => Promise<unknown>): Promise<void> {
  const before = performance.now()
  await work()
  console.log(`${what}: ${((performance.now() - before) / 1000).toFixed(2)} s`)
}

await using gateway = await startTestGateway()
await measure(`writing ${count} communities`, () => fillCommunities(gateway, count))
await measure('looking up how they are', () => collectHealth(gateway.context))
const token = await operatorOf(gateway)
const page = async (query: string): Promise<void> => {
  const { status, text } = await askHttp(gateway, `/api/v1/communities${query}`, {
    token,
    headers: { 'accept-encoding': 'identity' },
  })
  if (status !== 200) throw new Error(text)
}
await measure('the first page of 100', () => page(''))
await measure('the next page', () => page('?offset=100'))
await measure('a search', () => page('?search=community%2099'))
await measure('all of them in pages of 1,000', async () => {
  for (let offset = 0; offset < count; offset += 1_000) await page(`?limit=1000&offset=${offset}`)
})
