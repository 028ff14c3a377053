import type { DeadLetter, EventBus } from '@annals/events'
import type { Engines } from '@annals/service'
import { eventId } from '@annals/events'
import { addControlled, eventsOf, openInstallation, waitForEvent } from '@annals/service/testing'
import { communityKeys } from '@annals/storage'
import { expect, it } from 'vitest'
import { magnetDispatcher } from './magnet-dispatcher.ts'
import { leaveSeeded } from './testing/leave-seeded.ts'

/** Gives an event up after two deliveries, not after most of a day. */
function impatient(engines: Engines): Engines {
  const consume: EventBus['consume'] = (spec, handler) =>
    engines.bus.consume({ ...spec, maxDeliveries: 2, backoffSeconds: [0.05] }, handler)
  const bus = new Proxy(engines.bus, {
    get(target, key) {
      if (key === 'consume') return consume
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { ...engines, bus }
}

async function deadLetters({ deadLetters: letters }: EventBus): Promise<DeadLetter[]> {
  const found: DeadLetter[] = []
  for await (const letter of letters.list()) found.push(letter)
  return found
}

it('a poisoned event › goes to the dead letters with its error, stops nothing, and is replayed when its cause is gone', async () => {
  await using installation = openInstallation()
  await using node = await installation.open('dispatcher', { wrapEngines: impatient })
  const { context } = node
  const [poisoned, sound] = [await addControlled(context, 1), await addControlled(context, 2)]
  const keys = context.state.collection(communityKeys)
  const key = await keys.get(poisoned)
  await keys.delete(poisoned, key?.version ?? 0)
  await node.start(magnetDispatcher)
  for (const communityId of [poisoned, sound]) {
    const infoHash = await leaveSeeded(context, communityId, 1_000)
    const payload = { infoHash, magnetLink: '', generation: 1, sizeBytes: 1 }
    await context.bus.publish({
      id: eventId('SeedingStarted', communityId, infoHash, 1),
      name: 'SeedingStarted',
      communityId,
      payload,
    })
  }
  await waitForEvent(context, sound, 'MagnetLinkDispatched')
  let letters: DeadLetter[] = []
  while (letters.length === 0) letters = await deadLetters(context.bus)
  expect(letters).toMatchObject([
    { consumer: 'magnet-dispatcher', deliveries: 2, event: { name: 'SeedingStarted', communityId: poisoned } },
  ])
  expect(letters[0]?.error).toContain('NoSigningKeyError')

  if (key !== undefined) await keys.put(poisoned, key.value, 0)
  await context.bus.deadLetters.replay(letters[0]?.id ?? 0)
  await waitForEvent(context, poisoned, 'MagnetLinkDispatched')
  expect(await deadLetters(context.bus)).toStrictEqual([])
  for (const communityId of [poisoned, sound])
    expect(await eventsOf(context, communityId, 'MagnetLinkDispatched')).toHaveLength(1)
})
