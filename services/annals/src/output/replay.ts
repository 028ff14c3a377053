import type { Writable } from 'node:stream'
import type { CompareSummary, Finding } from '@annals/service'
import { printable } from './format.ts'
import { fields } from './table.ts'
import { write } from './write.ts'

/** One line for each field that differs. */
export async function writeFinding(stream: Writable, finding: Finding): Promise<void> {
  const { collection, communityId, repaired } = finding
  for (const { field, log, there } of finding.fields)
    await write(
      stream,
      `${collection} ${communityId} ${field}: the log says ${valueText(log)}, there is ${valueText(there)}${repaired ? '; repaired' : ''}\n`,
    )
}

function valueText(value: unknown): string {
  return value === undefined ? 'nothing' : printable(JSON.stringify(value))
}

export function summaryText(summary: CompareSummary): string {
  const { events, communities, rows, different, repaired, behind, ahead } = summary
  const verdict =
    different === 0 ? 'the state is what the log says' : `${different} rows differ from the log, ${repaired} repaired`
  return fields([
    ['events', events],
    ['communities', communities],
    ['rows', rows],
    ['not yet taken in', `${behind} rows, which whoever needs them brings up to date`],
    ['not yet published', `${ahead} rows, whose work the services bring to its end`],
    ['verdict', verdict],
  ])
}

/** What is to be done about rows that the log does not tell whole. */
const remedies: Readonly<Record<string, string>> = {
  events:
    'restore the log from a backup; services put such an event among their dead letters and go on with the next one',
  communities:
    'the log does not know them: is it the log that belongs to this state? Else restore both from one backup',
  schedules: 'the log does not know them: is it the log that belongs to this state? Else restore both from one backup',
  catalogues: 'the log does not say where the bytes of an archive are: restore the state store from a backup',
  seedings: 'restore the state store from a backup, or switch archiving off and on: then it is seeded anew',
  dispatches:
    'restore the state store from a backup, or wait for the next archive: its announcement writes the row anew',
  downloads: 'restore the state store from a backup, or ask for the newest magnet link with "annals fetch"',
}

export function unrepairedText(collections: ReadonlySet<string>): string {
  const lines = [...collections].map(
    (name) => `  ${name}: ${remedies[name] ?? 'restore the state store from a backup'}\n`,
  )
  return `annals: what the log alone cannot mend\n${lines.join('')}`
}
