import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { killAfter } from '@annals/sqlite/testing'
import { temporaryFolder } from '@annals/sqlite/testing/temporary-folder'
import { describe, expect, it } from 'vitest'
import { collect } from '../testing/collect.ts'
import { community, consumer, due, unseeded } from '../testing/event-bus-harness.ts'
import { openEmbeddedBus } from './open-embedded-bus.ts'

const script = new URL('./testing/publish-until-killed.ts', import.meta.url)

describe('embedded bus whose process is killed again and again', () => {
  it('loses no acknowledged event, holds none twice, and leaves no event without its effect', async () => {
    const path = join(await temporaryFolder('bus-kill'), 'events.db')
    const acknowledged: string[] = []
    for (let kill = 0; kill < 6; kill++) {
      // From a few weeks before the last one: publishing again after a crash must be harmless.
      const firstWeek = Math.max(0, acknowledged.length - 3)
      const lines = await killAfter(script, [path, String(firstWeek)], randomInt(1, 120))
      acknowledged.push(...lines.map((line) => due(community(Number(line) % 3), Number(line)).id))
    }

    await using bus = await openEmbeddedBus({ path })
    const ids = (await collect(bus.read({ names: ['ArchiveDue'] }))).map((event) => event.id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(acknowledged.filter((id) => !ids.includes(id))).toStrictEqual([])

    await using consumption = await bus.consume(consumer('effects', ['ArchiveDue']), async (event) => {
      await bus.publish(unseeded(event.communityId, event.id))
    })
    await consumption.idle()
    const effects = (await collect(bus.read({ names: ['Unseeded'] }))).map((event) => event.payload)
    expect(effects.map((payload) => ('reason' in payload ? payload.reason : '')).sort()).toStrictEqual(ids.toSorted())
    expect(await collect(bus.deadLetters.list())).toStrictEqual([])
  })
})
