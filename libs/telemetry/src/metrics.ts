import type { Meter } from '@opentelemetry/api'

export interface Metrics {
  readonly meter: Meter | undefined
}

export const silentMetrics: Metrics = { meter: undefined }

export function makeMetrics(meter: Meter): Metrics {
  return { meter }
}
