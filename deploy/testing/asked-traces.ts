import { dashboards } from '../dashboards/dashboards.ts'
import { panelsOf } from '../dashboards/testing/panels-of.ts'

export interface AskedTraces {
  /** The dashboard. */
  readonly of: string
  /** `service.name`. */
  readonly service: string
  /** The span's name; any where absent. */
  readonly span?: string
  readonly attributes: Readonly<Record<string, string>>
}

/** The searches of dashboards for traces, once variables have values. */
export function askedTraces(communityId: string, infoHash: string): readonly AskedTraces[] {
  return dashboards.flatMap((dashboard) =>
    panelsOf(dashboard).flatMap(({ targets = [] }) =>
      targets.flatMap((target) => {
        const { service, operation, tags } = target as { service?: string; operation?: string; tags?: string }
        if (service === undefined || tags === undefined) return []
        const text = tags.replaceAll('$community', communityId).replaceAll('$infohash', infoHash)
        const attributes = Object.fromEntries(text.split(' ').map((pair) => pair.split('=')))
        return [{ of: `dashboard ${dashboard.uid}`, service, ...(operation && { span: operation }), attributes }]
      }),
    ),
  )
}
