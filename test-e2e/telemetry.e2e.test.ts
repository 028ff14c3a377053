import type { ReceivedSpan } from '@annals/telemetry/testing'
import { startOtlpReceiver } from '@annals/telemetry/testing'
import { describe, expect, it } from 'vitest'
import { addControlled, addMember, beginning, Chronicle, sealRound, waitUntilServed } from './support/chronicle.ts'
import { RestartableNode } from './support/restartable-node.ts'
import { World } from './support/world.ts'

/** The way of an archive, as its spans tell it: who does what. */
const way = [
  ['scheduler', 'publish annals.events.ArchiveDue'],
  ['archiver', 'process annals.events.ArchiveDue'],
  ['archiver', 'publish annals.events.ArchiveCreated'],
  ['seeder', 'process annals.events.ArchiveCreated'],
  ['seeder', 'publish annals.events.SeedingStarted'],
  ['magnet-dispatcher', 'process annals.events.SeedingStarted'],
  ['magnet-dispatcher', 'publish announcements'],
  ['fetcher', 'process announcements'],
  ['fetcher', 'bring archives'],
  ['fetcher', 'publish annals.events.ArchivesDownloaded'],
  ['seeder', 'process annals.events.ArchivesDownloaded'],
] as const

describe('telemetry of nodes in processes', () => {
  it('shows the way of an archive, from the clock to the copy of a member, as one trace', async () => {
    await using receiver = await startOtlpReceiver()
    await using world = await World.create(beginning)
    const environment = {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    }
    await using control = new RestartableNode(world, 'control', world.start('control', { environment }))
    await using member = new RestartableNode(world, 'member', world.start('member', { environment }))
    const chronicle = new Chronicle(2, 20, 1)
    const communityId = await addControlled(control)
    await addMember(member, communityId)
    for (const round of [0, 1]) {
      const infoHash = await sealRound(world, control, communityId, chronicle, round)
      await waitUntilServed(member, infoHash)
    }
    await control[Symbol.asyncDispose]()
    await member[Symbol.asyncDispose]()

    const due = receiver.spans.filter(({ name }) => name === way[0][1])
    expect(due).toHaveLength(2)
    for (const { traceId } of due) expect(stepsOf(receiver.spans, traceId)).toEqual(expect.arrayContaining([...way]))
  })
})

function stepsOf(spans: readonly ReceivedSpan[], traceId: string): unknown[][] {
  return spans
    .filter((span) => span.traceId === traceId)
    .map(({ resource, name }) => [resource['annals.service'], name])
}
