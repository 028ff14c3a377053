import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import type { DatabaseSchema } from '@annals/sqlite'
import { findFolderHolder } from '@annals/sqlite'
import { embeddedDatabases } from '@annals/service'
import { defineCheck, NotCheckedError, problem, warning } from '../../check.ts'
import type { Report } from '../../check.ts'
import { inspectInProcess } from '../../inspect-in-process.ts'

type Kind = 'damaged' | 'too-new' | 'not-ours' | 'unreadable' | 'missing'

/** The files of the embedded set. */
export const databases = defineCheck<Kind>({
  name: 'databases',
  looksAt: 'the databases in the data folder, read from start to end (PRAGMA quick_check), and their schema versions',
  seconds: 300,
  kinds: {
    damaged: problem(
      'SQLite finds damage in a file',
      'stop the node, check the disk, and restore the whole data folder from a backup',
    ),
    'too-new': problem(
      'a newer version of Annals wrote the file',
      'start that version again, or use another data folder: there is no way back',
    ),
    'not-ours': problem(
      'a file is no database, or of another kind',
      'move the file away, or restore the whole data folder from a backup',
    ),
    unreadable: problem('a file cannot be opened or read', 'see what the system says, and give the file to this user'),
    missing: warning(
      'a file is not there although others are',
      'restore the whole data folder from one backup; if the node was only just made, start it again: it makes the file',
    ),
  },
  isWanted: ({ engines }) => engines === 'embedded',
  async look({ config }, report, signal) {
    const holder = findFolderHolder(config.dataFolder)
    if (holder !== undefined)
      throw new NotCheckedError('a node works on the data folder: stop it to have its databases read')
    const all = embeddedDatabases(config)
    const there = all.filter(({ path }) => existsSync(path))
    if (there.length === 0) throw new NotCheckedError('there are none yet')
    for (const { path } of all)
      if (!there.some((each) => each.path === path)) report('missing', { about: path, found: 'no such file' })
    const texts: string[] = []
    // One after the other: they are on one disk.
    for (const { path, schema } of there) texts.push(await lookAt(path, schema, report, signal))
    return texts.join(', ')
  },
})

async function lookAt(
  path: string,
  schema: DatabaseSchema,
  report: Report<Kind>,
  signal: AbortSignal,
): Promise<string> {
  const { kind, applicationId, migrations } = schema
  const knownVersion = migrations.length
  const answer = await inspectInProcess(path, { kind, applicationId, knownVersion }, signal)
  if ('error' in answer) {
    const { error } = answer
    report(kindOf(error), { about: path, found: error.message })
    return ''
  }
  const { damages, schemaVersion } = answer
  for (const damage of damages) report('damaged', { about: path, found: damage, expected: 'ok' })
  const version =
    schemaVersion < knownVersion ? `${schemaVersion}, which the next start makes ${knownVersion}` : schemaVersion
  return `${basename(path)} is whole (schema ${version})`
}

function kindOf({ name, code }: { readonly name: string; readonly code?: string }): Kind {
  if (name === 'NotADatabaseError') return 'not-ours'
  if (name === 'SchemaTooNewError') return 'too-new'
  return code === 'SQLITE_CORRUPT' ? 'damaged' : 'unreadable'
}
