import type { EventBus, ReadOptions, StoredEvent } from '@annals/events'
import { UndecodableEventError } from '@annals/events'

/** Reads the log to its end, over the events that do not decode. */
export async function* readDecodable(
  bus: EventBus,
  options: ReadOptions,
  onUndecodable: (error: UndecodableEventError) => void = () => undefined,
): AsyncIterable<StoredEvent> {
  for (let after = 0; ;) {
    try {
      yield* bus.read({ ...options, after })
      return
    } catch (error) {
      if (!(error instanceof UndecodableEventError)) throw error
      onUndecodable(error)
      after = error.sequence
    }
  }
}
