import type { ConsumerState } from '@annals/events/nats'

/** When a consumer last handed something out or heard that it was done, or else was made; Unix milliseconds. */
export function lastActiveAt({ created, delivered, ack_floor: ackFloor }: ConsumerState): number {
  const moments = [created, delivered.last_active, ackFloor.last_active].flatMap((text) =>
    text === undefined ? [] : [Date.parse(text)],
  )
  return Math.max(...moments)
}
