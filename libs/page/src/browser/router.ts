/** What the page shows. All of it stands behind the `#` of an address, which no server sees: a magnet link is nobody's business. */
export type Route =
  | { readonly at: 'overview' }
  | { readonly at: 'community'; readonly communityId: string }
  | { readonly at: 'dead-letters' }
  /** `link`: a magnet link, or a community's id; empty where one is asked for. */
  | { readonly at: 'reader'; readonly link: string }
  | { readonly at: 'nowhere' }

/** The route of a fragment such as `#/communities/0x02…`. */
export function readRoute(fragment: string): Route {
  const [path = '', query = ''] = fragment.replace(/^#/, '').split('?', 2)
  const parts = path.split('/').filter((part) => part !== '')
  const [first, second, ...rest] = parts
  if (first === undefined) return { at: 'overview' }
  if (first === 'communities' && second !== undefined && rest.length === 0)
    return { at: 'community', communityId: second }
  if (first === 'dead-letters' && second === undefined) return { at: 'dead-letters' }
  if (first === 'read' && second === undefined)
    return { at: 'reader', link: new URLSearchParams(query).get('link') ?? '' }
  // The short form that people hand on.
  if (first === 'read' && second !== undefined && rest.length === 0) return { at: 'reader', link: publicLink(second) }
  return { at: 'nowhere' }
}

/** The address of a route. */
export function routeHref(route: Exclude<Route, { at: 'nowhere' }>): string {
  switch (route.at) {
    case 'overview':
      return '#/'
    case 'community':
      return `#/communities/${route.communityId}`
    case 'dead-letters':
      return '#/dead-letters'
    case 'reader':
      return route.link === '' ? '#/read' : `#/read?${new URLSearchParams({ link: route.link })}`
    default:
      return route satisfies never
  }
}

/** The token that came with an address, `#token=…`, and what remains of the address without it. */
export function takeToken(fragment: string): { readonly token: string; readonly rest: string } | undefined {
  const match = /^#token=([^&]+)(?:&(.*))?$/.exec(fragment)
  if (match?.[1] === undefined) return undefined
  return { token: decodeURIComponent(match[1]), rest: `#${match[2] ?? '/'}` }
}

/** The address of a public community's history, to hand on. */
export function publicLink(communityId: string): string {
  return `${globalThis.location.origin}/#/read/${communityId}`
}
