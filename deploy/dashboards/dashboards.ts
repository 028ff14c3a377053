import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { archiveWay } from './archive-way.ts'
import { community } from './community.ts'
import { engines } from './engines.ts'
import { overview } from './overview.ts'

/** All dashboards; each is a file of its uid. */
export const dashboards: readonly Dashboard[] = [overview(), community(), archiveWay(), engines()]
