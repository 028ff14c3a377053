export { startOtlpReceiver } from './otlp-receiver.ts'
export type { OtlpReceiver, ReceivedMetric, ReceivedSpan } from './otlp-receiver.ts'
export { telemetryTo } from './telemetry-to.ts'
