import type { NodeOptions, ServiceContext } from '@annals/service'
import type { TestNode } from '@annals/service/testing'
import { setTimeout } from 'node:timers/promises'
import { eventId } from '@annals/events'
import { Faults } from '@annals/service/testing'
import { describe, expect, it } from 'vitest'
import { archiveCounter, archiveCounts } from '../archive-counter.ts'

/** Engines that keep what they hold from one opening to the next. Disposing of them removes it. */
export interface KeptEngines extends AsyncDisposable {
  open(options?: Pick<NodeOptions, 'wrapEngines'>): Promise<TestNode>
}

const [one, two] = ['0xa', '0xb']

async function publish({ bus }: ServiceContext, communityId: string, generation: number, archiveCount: number) {
  const id = eventId('ArchiveCreated', communityId, generation)
  const torrent = { generation, infoHash: 'ab', magnetLink: 'magnet:?xt=urn:btih:ab' }
  const payload = { from: 0, to: 1, ...torrent, archives: [], leftOutMessages: 0, archiveCount }
  await bus.publish({ id, name: 'ArchiveCreated', communityId, payload })
}

async function counted({ state }: ServiceContext, communityId: string): Promise<number> {
  return (await state.collection(archiveCounts).get(communityId))?.value.archives ?? 0
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await setTimeout(10)
}

const acks = (moments: readonly string[]): number => moments.filter((moment) => moment.includes(' acks ')).length

/** The counter is right over any engines. */
export function describeCounting(keep: () => Promise<KeptEngines>): void {
  describe('archive counter', () => {
    it('counts from the start of the log, each community for itself', async () => {
      await using engines = await keep()
      await using node = await engines.open()
      await publish(node.context, one, 1, 2)
      await publish(node.context, two, 1, 5)
      await node.start(archiveCounter)
      await until(async () => (await counted(node.context, two)) === 5)
      await publish(node.context, one, 2, 1)
      await until(async () => (await counted(node.context, one)) === 3)
      expect(await counted(node.context, two)).toBe(5)
    })

    it('counts each archive once whatever fails, comes twice, and is started again in the middle', async () => {
      const moments: string[] = []
      for (let moment = 0; ; moment += 1) {
        await using engines = await keep()
        await using before = await engines.open()
        for (const generation of [1, 2]) await publish(before.context, one, generation, 2)
        await before[Symbol.asyncDispose]()

        const faults = new Faults(moment)
        await using middle = await engines.open({ wrapEngines: (inner) => faults.wrap(inner) })
        await middle.start(archiveCounter)
        await until(() => faults.moments.length > moment || acks(faults.moments) === 2)
        await middle[Symbol.asyncDispose]()
        const struck = faults.moments[moment]
        const acked = acks(faults.moments) - acks(struck === undefined ? [] : [struck])

        const calm = new Faults()
        await using after = await engines.open({ wrapEngines: (inner) => calm.wrap(inner) })
        await after.start(archiveCounter)
        await publish(after.context, one, 3, 1)
        await until(() => acked + acks(calm.moments) === 3)
        expect(await counted(after.context, one), struck).toBe(5)
        if (struck === undefined) break
        moments.push(struck)
      }
      // With the row written and the event not acked it comes again.
      expect(moments).toEqual(expect.arrayContaining(['after archive-counts.put', expect.stringContaining(' acks ')]))
    })
  })
}
