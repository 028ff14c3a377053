import type { JSX } from 'preact'
import { Moment } from '../parts/moment.tsx'

/** A step of an archive on its way to the members. */
export interface WayStep {
  readonly name: string
  /** Unix seconds; `undefined` where it has not come yet. */
  readonly at: number | undefined
}

const words: Readonly<Record<string, string>> = {
  ArchiveDue: 'Due',
  ArchivingStarted: 'Sealing begun',
  ArchiveCreated: 'Sealed',
  SeedingStarted: 'Seeded',
  MagnetLinkDispatched: 'Announced',
  ArchivesReachable: 'Fetched by a stranger',
  MagnetLinkReceived: 'Announcement received',
  DownloadStarted: 'Fetching begun',
  ArchivesDownloaded: 'Fetched',
  DownloadFinished: 'Imported',
}

/** The way of the newest archive, step by step. @param now Unix seconds of the machine's clock, by which events have their times */
export function ArchiveWay({ steps, now }: { readonly steps: readonly WayStep[]; readonly now: number }): JSX.Element {
  return (
    <ol class="way">
      {steps.map(({ name, at }) => (
        <li key={name} class={at === undefined ? 'to-come' : 'done'}>
          <strong>{words[name] ?? name}</strong>
          <small>{at === undefined ? 'not yet' : <Moment at={at} now={now} />}</small>
        </li>
      ))}
    </ol>
  )
}
