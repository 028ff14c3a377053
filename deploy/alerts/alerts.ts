import type { Alert } from './alert.ts'
import { eventAlerts } from './event-alerts.ts'
import { historyAlerts } from './history-alerts.ts'
import { networkAlerts } from './network-alerts.ts'
import { processAlerts } from './process-alerts.ts'

/** By what they are about, which is how Prometheus shows them. */
export const alertGroups = {
  'annals-history': historyAlerts,
  'annals-events': eventAlerts,
  'annals-network': networkAlerts,
  'annals-processes': processAlerts,
} as const

export const alerts: readonly Alert[] = Object.values(alertGroups).flat()
