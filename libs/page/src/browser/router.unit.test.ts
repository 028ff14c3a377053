import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Route } from './router.ts'
import { readRoute, routeHref, takeToken } from './router.ts'

const magnet =
  'magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a&dn=x&tr=wss%3A%2F%2Fannals.example%2Fannounce'

describe('a route', () => {
  const routes: Exclude<Route, { at: 'nowhere' }>[] = [
    { at: 'overview' },
    { at: 'community', communityId: `0x02${'ab'.repeat(32)}` },
    { at: 'dead-letters' },
    { at: 'reader', link: '' },
    { at: 'reader', link: magnet },
  ]
  it.for(routes)('is what its address says: $at', (route) => {
    expect(readRoute(routeHref(route))).toEqual(route)
  })

  it.for(['#/elsewhere', '#/communities', '#/communities/a/b', '#/dead-letters/1'])('is nowhere at %s', (fragment) => {
    expect(readRoute(fragment)).toEqual({ at: 'nowhere' })
  })

  it('is the public history of a community in its short form', () => {
    vi.stubGlobal('location', { origin: 'https://annals.example' })
    onTestFinished(() => void vi.unstubAllGlobals())
    const id = `0x03${'cd'.repeat(32)}`
    expect(readRoute(`#/read/${id}`)).toEqual({ at: 'reader', link: `https://annals.example/#/read/${id}` })
  })

  it('is the overview where nothing is said', () => {
    expect(readRoute('')).toEqual({ at: 'overview' })
  })
})

describe('a token in an address', () => {
  it('is taken out of it', () => {
    expect(takeToken('#token=a%2Bb')).toEqual({ token: 'a+b', rest: '#/' })
    expect(takeToken('#token=abc&/dead-letters')).toEqual({ token: 'abc', rest: '#/dead-letters' })
  })

  it('is not looked for elsewhere', () => {
    expect(takeToken('#/read?link=token%3Dx')).toBeUndefined()
  })
})
