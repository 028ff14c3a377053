import type { ConsumerSpec, EventBus, EventName } from '@annals/events'
import type { ServiceDefinition } from '@annals/service'
import { openTestNode } from '@annals/service/testing'

export interface RecordedConsumer {
  readonly name: string
  readonly events: readonly EventName[]
}

/** The consumers that a service starts, on engines that are said to be shared, as an instance. */
export async function recordConsumers(definition: ServiceDefinition, instance: string): Promise<RecordedConsumer[]> {
  const recorded: RecordedConsumer[] = []
  const record = ({ name, events }: ConsumerSpec<EventName>): void => void recorded.push({ name, events })
  await using node = await openTestNode({
    // Nothing is asked of the node where there is no community.
    env: { ANNALS_WAKU_STORES: 'http://127.0.0.1:9' },
    wrapEngines: (engines) => ({ ...engines, shared: true, instance, bus: recordingBus(engines.bus, record) }),
  })
  await node.start(definition)
  return recorded
}

function recordingBus(bus: EventBus, record: (spec: ConsumerSpec<EventName>) => void): EventBus {
  return {
    publish: (event, options) => bus.publish(event, options),
    read: (options) => bus.read(options),
    consume: (spec, handler) => {
      record(spec)
      return bus.consume(spec, handler)
    },
    deadLetters: bus.deadLetters,
    lastSequence: () => bus.lastSequence(),
    onReconnect: (listener) => bus.onReconnect(listener),
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  }
}
