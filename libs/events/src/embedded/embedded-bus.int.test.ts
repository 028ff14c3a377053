import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EventBus } from '../event-bus.ts'
import { describeEventBusContract } from '../testing/event-bus-contract.ts'
import type { EventBusHarness } from '../testing/event-bus-harness.ts'
import { openEmbeddedBus } from './open-embedded-bus.ts'

async function openHarness(): Promise<EventBusHarness> {
  const root = await mkdtemp(join(tmpdir(), 'annals-bus-'))
  const opened: EventBus[] = []
  let folder = join(root, '0')
  const open = async (): Promise<EventBus> => {
    const bus = await openEmbeddedBus({ path: join(folder, 'events.db') })
    opened.push(bus)
    return bus
  }
  const bus = await open()
  return {
    bus,
    async restart() {
      await opened.at(-1)?.[Symbol.asyncDispose]()
      return open()
    },
    async crash() {
      // What is in the files at this moment is what a killed process leaves; the old bus goes on with the old files.
      const next = join(root, `${opened.length}`)
      await cp(folder, next, { recursive: true })
      folder = next
      return open()
    },
    async [Symbol.asyncDispose]() {
      for (const bus of opened) await bus[Symbol.asyncDispose]()
      await rm(root, { recursive: true })
    },
  }
}

describeEventBusContract('embedded bus', openHarness)
