import { instances } from '@annals/storage'
import { describe, expect, it, vi } from 'vitest'
import { openPeer, openTestNode } from '../testing/index.ts'
import { Membership } from './membership.ts'

const env = { ANNALS_TAKE_OVER_SECONDS: '2' }
const patience = { timeout: 60_000, interval: 50 }

describe('Membership', () => {
  it('sees who comes, who leaves, and who falls silent', async () => {
    await using node = await openTestNode({ env })
    await using a = await openPeer(node, 'a')
    await using b = await openPeer(node, 'b')
    await using c = await openPeer(node, 'c')
    await using first = await Membership.join(a.context, { service: 'test' })
    expect(first.live()).toEqual(['a'])
    let changes = 0
    first.onChange(() => (changes += 1))
    await using _second = await Membership.join(b.context, { service: 'test' })
    const third = await Membership.join(c.context, { service: 'test' })
    expect(third.live()).toEqual(['a', 'b', 'c'])
    await vi.waitFor(() => expect(first.live()).toEqual(['a', 'b', 'c']), patience)

    await third[Symbol.asyncDispose]()
    await vi.waitFor(() => expect(first.live()).toEqual(['a', 'b']), patience)
    b.reachesStore(false)
    await vi.waitFor(() => expect(first.live()).toEqual(['a']), patience)
    b.reachesStore(true)
    await vi.waitFor(() => expect(first.live()).toEqual(['a', 'b']), patience)
    expect(changes).toBeGreaterThanOrEqual(4)
  })

  it('takes nobody for dead for the time in which the store was away', async () => {
    await using node = await openTestNode({ env })
    await using a = await openPeer(node, 'a')
    await using b = await openPeer(node, 'b')
    await using first = await Membership.join(a.context, { service: 'test' })
    await using second = await Membership.join(b.context, { service: 'test' })
    await vi.waitFor(
      () =>
        expect([first.live(), second.live()]).toEqual([
          ['a', 'b'],
          ['a', 'b'],
        ]),
      patience,
    )
    const seen: (readonly string[])[] = []
    first.onChange(() => seen.push(first.live()))
    const rows = node.context.state.collection(instances)
    const before = (await rows.get('test/b'))?.version ?? 0
    for (const peer of [a, b]) peer.reachesStore(false)
    // Longer than it takes to be taken for dead: a third member that is away as well has been forgotten by then.
    await using watcher = await Membership.join((await openPeer(node, 'c')).context, { service: 'test' })
    await vi.waitFor(() => expect(watcher.live()).toEqual(['c']), patience)
    for (const peer of [a, b]) peer.reachesStore(true)
    await vi.waitFor(async () => expect((await rows.get('test/b'))?.version).toBeGreaterThan(before + 1), patience)
    await vi.waitFor(() => expect(first.live()).toEqual(['a', 'b', 'c']), patience)
    expect(seen.filter((live) => !live.includes('b'))).toEqual([])
  })

  it('writes nothing where the engines are not shared', async () => {
    await using node = await openTestNode()
    await using membership = await Membership.join(node.context, { service: 'test' })
    expect(membership.live()).toEqual([node.context.instance])
    expect(await node.context.state.collection(instances).get(`test/${node.context.instance}`)).toBeUndefined()
  })
})
