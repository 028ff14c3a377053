import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Client } from './api/client.ts'
import { CommunityPage } from './community/community-page.tsx'
import { DeadLetters } from './dead-letters/dead-letters.tsx'
import { Overview } from './overview/overview.tsx'
import { Lazy } from './parts/lazy.tsx'
import { Notice } from './parts/notice.tsx'
import { TokenForm } from './parts/token-form.tsx'
import { useRoute } from './parts/use-window.ts'
import type { ReaderPage } from './reader/reader-page.tsx'
import type { Route } from './router.ts'
import { routeHref } from './router.ts'

const places = [
  ['overview', 'Communities', { at: 'overview' }],
  ['dead-letters', 'Dead letters', { at: 'dead-letters' }],
  ['reader', 'Read a history', { at: 'reader', link: '' }],
] as const

const titles: Readonly<Record<Route['at'], string>> = {
  overview: 'Communities',
  community: 'Community',
  'dead-letters': 'Dead letters',
  reader: 'Read a history',
  nowhere: 'Not found',
}

/** The frame of the page, and in it what the address names. */
export function App({ client }: { readonly client: Client }): JSX.Element {
  const route = useRoute()
  const main = useRef<HTMLElement>(null)
  const [sessions, setSessions] = useState(0)
  const isFirst = useRef(true)
  const key = `${sessions} ${JSON.stringify(route)}`
  useEffect(() => {
    document.title = `${titles[route.at]} – Annals`
    // Who goes on by keyboard or hears the page goes on in what is new.
    if (!isFirst.current) main.current?.focus()
    isFirst.current = false
  }, [key])
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        Skip to the content
      </a>
      <header class="bar">
        <strong>Annals</strong>
        <nav aria-label="Pages">
          {places.map(([at, label, place]) => (
            <a key={at} href={routeHref(place)} aria-current={route.at === at ? 'page' : undefined}>
              {label}
            </a>
          ))}
        </nav>
        <TokenForm session={client.session} onChange={() => setSessions((count) => count + 1)} />
      </header>
      <main id="main" tabIndex={-1} ref={main} key={key}>
        {content(client, route)}
      </main>
    </>
  )
}

/** It is larger than all the rest, and who operates a node seldom reads. */
const loadReader = async (): Promise<typeof ReaderPage> => (await import('./reader/reader-page.tsx')).ReaderPage

function content(client: Client, route: Route): JSX.Element {
  switch (route.at) {
    case 'overview':
      return <Overview client={client} />
    case 'community':
      return <CommunityPage client={client} communityId={route.communityId} />
    case 'dead-letters':
      return <DeadLetters client={client} />
    case 'reader':
      return <Lazy load={loadReader} link={route.link} />
    case 'nowhere':
      return (
        <Notice kind="bad">
          There is no such page. <a href={routeHref({ at: 'overview' })}>All communities</a>
        </Notice>
      )
    default:
      return route satisfies never
  }
}
