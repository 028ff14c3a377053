import { allServices } from '@annals/annals'
import { compareWithLog } from '@annals/service'
import { addControlled, addMember, messageOf, openInstallation, waitForEvent } from '@annals/service/testing'
import { communities } from '@annals/storage'
import { describe, expect, it, vi } from 'vitest'

describe('the state on real engines', () => {
  it('is what the log says after the main job, and where it is not that is found and mended', async () => {
    await using installation = openInstallation({ ANNALS_TRACKERS: '' })
    await using node = await installation.open('all')
    const { context } = node
    const [damaged, sound] = [await addControlled(context, 1), await addControlled(context, 2)]
    await addMember(context, `0x02${'ab'.repeat(32)}`)
    for (const communityId of [damaged, sound])
      await context.messages.ingest(communityId, [messageOf(communityId, context.clock.now - 604_800)], 'pending')
    for (const service of allServices) if (service.name !== 'gateway') await node.start(service)
    for (const communityId of [damaged, sound]) await waitForEvent(context, communityId, 'MagnetLinkDispatched')

    const compare = async (repair: boolean): Promise<unknown[]> => {
      const found: unknown[] = []
      const { signal } = new AbortController()
      await compareWithLog(context, { signal, repair, onDifference: (finding) => void found.push(finding) })
      return found
    }
    // What follows from the last events is still under way.
    await vi.waitFor(async () => expect(await compare(false)).toStrictEqual([]), { timeout: 60_000, interval: 250 })
    const rows = context.state.collection(communities)
    const row = await rows.get(damaged)
    if (row !== undefined) await rows.put(damaged, { ...row.value, name: 'Damaged' }, row.version)
    expect(await compare(true)).toMatchObject([{ collection: 'communities', communityId: damaged, repaired: true }])
    expect(await compare(false)).toStrictEqual([])
    expect(await context.registry.get(damaged)).toMatchObject({ name: 'Test' })
  })
})
