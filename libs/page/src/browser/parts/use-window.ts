import { useEffect, useState } from 'preact/hooks'
import type { Route } from '../router.ts'
import { readRoute } from '../router.ts'

/** The route that the address names, as it changes. */
export function useRoute(): Route {
  const [fragment, setFragment] = useState(window.location.hash)
  useEffect(() => {
    const change = (): void => setFragment(window.location.hash)
    window.addEventListener('hashchange', change)
    return () => window.removeEventListener('hashchange', change)
  }, [])
  return readRoute(fragment)
}

/** Milliseconds since the page was opened, renewed every so often: what is said of times grows old. */
export function useTick(everyMilliseconds: number): number {
  const [tick, setTick] = useState(() => performance.now())
  useEffect(() => {
    const timer = setInterval(() => setTick(performance.now()), everyMilliseconds)
    return () => clearInterval(timer)
  }, [everyMilliseconds])
  return tick
}

/** Whether a media query matches, as that changes. */
export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => window.matchMedia(query).matches)
  useEffect(() => {
    const list = window.matchMedia(query)
    const change = (): void => setMatches(list.matches)
    change()
    list.addEventListener('change', change)
    return () => list.removeEventListener('change', change)
  }, [query])
  return matches
}
