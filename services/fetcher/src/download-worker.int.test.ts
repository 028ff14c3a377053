import type { ServiceContext } from '@annals/service'
import { addMember, openTestNode } from '@annals/service/testing'
import { communityIdOfPrivateKey } from '@annals/crypto'
import { downloads } from '@annals/storage'
import { expect, it } from 'vitest'
import { DownloadWorker } from './download-worker.ts'

const communityId = communityIdOfPrivateKey(new Uint8Array(32).fill(9))
const infoHash = 'ab'.repeat(20)

/** A worker's view of the state: what it claims is noted, and one that stands still after that neither renews nor claims. */
function watching(context: ServiceContext, claimed: string[], standsStill: boolean): ServiceContext {
  const { state } = context
  const collection: typeof state.collection = (definition) => {
    const rows = state.collection(definition)
    if (definition.name !== downloads.name) return rows
    return new Proxy(rows, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target)
        if (name === 'extendClaim' && standsStill) return async () => {}
        if (name !== 'claimDue') return typeof value === 'function' ? value.bind(target) : value
        return async (claim: Parameters<typeof rows.claimDue>[0]) => {
          if (standsStill && claimed.length > 0) return undefined
          const row = await target.claimDue(claim)
          if (row !== undefined) claimed.push(row.id)
          return row
        }
      },
    })
  }
  return { ...context, state: { ...state, collection } }
}

it('goes on with what a fetcher was at that died, after the time for taking over', async () => {
  await using node = await openTestNode({ env: { ANNALS_TAKE_OVER_SECONDS: '2' } })
  const { context } = node
  await addMember(context, communityId)
  const wanted = { infoHash, magnetLink: `magnet:?xt=urn:btih:${infoHash}`, clockMilliseconds: 1 }
  await context.state.collection(downloads).put(communityId, { wanted, tries: 0, dueAt: 1 }, 0)
  const [first, second]: [string[], string[]] = [[], []]
  await using _dead = new DownloadWorker(watching(context, first, true))
  await expect.poll(() => first).toEqual([communityId])
  await using _next = new DownloadWorker(watching(context, second, false))
  await expect.poll(() => second, { timeout: 15_000 }).toEqual([communityId])
})
