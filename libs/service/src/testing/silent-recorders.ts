import { silentTelemetry } from '@annals/telemetry'
import type { ServiceContext } from '../service.ts'

/** They tell nobody, and hand trace contexts on. */
export function silentRecorders(): Pick<ServiceContext, 'tracing' | 'metrics'> {
  const telemetry = silentTelemetry()
  return { tracing: telemetry.tracing('test'), metrics: telemetry.metrics }
}
