import { RetryLaterError } from '@annals/events'
import { leases } from '@annals/storage'
import { describe, expect, it } from 'vitest'
import { openPeer, openTestNode } from '../testing/index.ts'
import { LeaseLostError, holdLease } from './hold-lease.ts'

const never = new AbortController().signal

describe('holdLease', () => {
  it('lets one process at a time do the work, and the next one when it is done', async () => {
    await using node = await openTestNode()
    await using a = await openPeer(node, 'a')
    await using b = await openPeer(node, 'b')
    const mayEnd = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const first = holdLease(
      a.context,
      'work/1',
      async () => {
        begun.resolve()
        await mayEnd.promise
        return 'done by a'
      },
      never,
    )
    await begun.promise
    await expect(holdLease(b.context, 'work/1', async () => 'done by b', never)).rejects.toBeInstanceOf(RetryLaterError)
    expect(await holdLease(b.context, 'work/2', async () => 'other work', never)).toBe('other work')
    mayEnd.resolve()
    expect(await first).toBe('done by a')
    expect(await holdLease(b.context, 'work/1', async () => 'done by b', never)).toBe('done by b')
  })

  it('is taken over when its time has run out, and tells whoever lost it', async () => {
    await using node = await openTestNode({ env: { ANNALS_TAKE_OVER_SECONDS: '2' } })
    await using a = await openPeer(node, 'a')
    await using b = await openPeer(node, 'b')
    const rows = node.context.state.collection(leases)
    const lost = holdLease(
      a.context,
      'work/1',
      async (signal) => {
        // As a process would find it that stood still for long.
        const row = await rows.get('work/1')
        await rows.put('work/1', { holder: 'a', untilMilliseconds: 0 }, row?.version ?? 0)
        expect(await holdLease(b.context, 'work/1', async () => 'done by b', never)).toBe('done by b')
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
        signal.throwIfAborted()
      },
      never,
    )
    await expect(lost).rejects.toBeInstanceOf(LeaseLostError)
  })

  it('is had again at once by the process that held it before it was started again', async () => {
    await using node = await openTestNode()
    await using a = await openPeer(node, 'a')
    const rows = node.context.state.collection(leases)
    await rows.put('work/1', { holder: 'a', untilMilliseconds: Date.now() + 1_000_000 }, 0)
    expect(await holdLease(a.context, 'work/1', async () => 'done', never)).toBe('done')
    expect(await rows.get('work/1')).toBeUndefined()
  })
})
