import { access } from 'node:fs/promises'
import type { AnnalsConfig, BackupManifest } from '@annals/service'
import { backUpFolder, embeddedFiles, restoreFolder } from '@annals/service'
import { pino } from 'pino'
import type { Cli, Register } from '../cli.ts'
import { UsageError } from '../cli-errors.ts'
import { bytesText } from '../output/format.ts'
import { fields } from '../output/table.ts'
import { answer } from '../output/write.ts'

const backupHelp = `
The node may be at work. The folder gets everything but the master key, which is kept apart from it (docs/keys.md), and the
torrents' files, which are made again. With NATS and MongoDB those are backed up by their own tools (docs/operate.md).

Example:
  annals backup /backups/annals-$(date +%F)`

const restoreHelp = `
The data folder must be empty, or hold nothing but its master.key. Everything is checked before a node can start on it.
It controls no community then: it fetches as a member what it has announced since the backup, and takes control after that.

Examples:
  annals restore /backups/annals-2026-01-05 --data ~/annals
  cp /safe/master.key ~/annals/ && annals up --data ~/annals
  annals community take --all --restored`

export const registerBackup: Register = (program, run) => {
  program
    .command('backup')
    .description('copies the data folder of a node, as it is at one moment, while the node works')
    .argument('<folder>', 'must be empty, or not there yet')
    .addHelpText('after', backupHelp)
    .action(run(backup))
}

export const registerRestore: Register = (program, run) => {
  program
    .command('restore')
    .description('makes the data folder of a node out of what "backup" wrote')
    .argument('<folder>', 'the backup')
    .addHelpText('after', restoreHelp)
    .action(run(restore))
}

async function backup(cli: Cli, _: object, folder: string): Promise<void> {
  const config = embeddedOnly(cli)
  await checkFolder(config)
  await tell(cli, folder, await backUpFolder(config, folder, { signal: cli.signal }))
}

async function restore(cli: Cli, _: object, folder: string): Promise<void> {
  const config = embeddedOnly(cli)
  const log = pino({ base: null, level: cli.config.logLevel === 'silent' ? 'silent' : 'warn' }, cli.stderr)
  await tell(cli, folder, await restoreFolder(config, folder, { signal: cli.signal, log }))
}

function embeddedOnly({ config }: Cli): AnnalsConfig {
  if (config.natsUrl === '') return config
  throw new UsageError('NATS_URL is set: back up NATS and MongoDB by their own tools, as docs/operate.md says')
}

/** A folder that a mistyped name points to has nothing to back up. */
async function checkFolder(config: AnnalsConfig): Promise<void> {
  try {
    await access(embeddedFiles(config).state)
  } catch (error) {
    throw new UsageError(`${config.dataFolder} is no data folder of a node: say where it is with --data`, {
      cause: error,
    })
  }
}

async function tell(cli: Cli, folder: string, manifest: BackupManifest): Promise<void> {
  const { takenAt, blobs, databases } = manifest
  const databaseBytes = Object.values(databases).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  await answer(cli, { folder, ...manifest }, () =>
    fields([
      ['backup', folder],
      ['taken at', takenAt],
      ['databases', bytesText(databaseBytes)],
      ['archives', `${blobs.count} files, ${bytesText(blobs.sizeBytes)}`],
    ]),
  )
}
