import { access } from 'node:fs/promises'
import type { CompareSummary, Finding } from '@annals/service'
import { compareWithLog, openEngines } from '@annals/service'
import { pino } from 'pino'
import type { Cli, Register } from '../cli.ts'
import { UsageError } from '../cli-errors.ts'
import { exitCodes } from '../exit-codes.ts'
import { summaryText, unrepairedText, writeFinding } from '../output/replay.ts'
import { write } from '../output/write.ts'
import { ProgressBar } from '../progress-bar.ts'

interface ReplayOptions {
  readonly community: string
  readonly repair: boolean
}

/** What a service is in the midst of is finished after that, as a rule. */
const settleMilliseconds = 1_000

const help = `
The state in the database is a projection of the log. This rebuilds it from the log and shows where the two differ: of
communities and schedules everything, of catalogues, seedings, dispatches and downloads what events tell. It opens the
data folder itself: stop its node first.

Exit codes: ${exitCodes.ok} everything is as the log says, or is now; ${exitCodes.failed} something is different.

Examples:
  annals replay
  annals replay --community 0x0252…
  annals replay --repair`

export const registerReplay: Register = (program, run) => {
  program
    .command('replay')
    .description('rebuilds the state from the log and compares it with what is there')
    .option('--community <id>', 'only this community', '')
    .option('--repair', 'rewrite what the log alone determines: communities and schedules', false)
    .addHelpText('after', help)
    .action(run(replay))
}

async function replay(cli: Cli, { community, repair }: ReplayOptions): Promise<number> {
  if (cli.config.natsUrl === '') await checkFolder(cli.config.dataFolder)
  await using stack = new AsyncDisposableStack()
  const log = pino({ base: null, level: cli.config.logLevel === 'silent' ? 'silent' : 'warn' }, cli.stderr)
  const engines = await openEngines(cli.config, log, stack, { torrents: false })
  using bar = new ProgressBar(cli.stderr, 'replaying')
  const findings: Finding[] = []
  const unrepaired = new Set<string>()
  const summary = await compareWithLog(engines, {
    signal: cli.signal,
    repair,
    settleMilliseconds: engines.shared ? settleMilliseconds : 0,
    ...(community !== '' && { communityId: community }),
    onProgress: (step, done, total) =>
      bar.update(done / total, step === 'read' ? `event ${done} of ${total}` : `second look ${done} of ${total}`),
    onDifference: async (finding) => {
      if (!finding.repaired) unrepaired.add(finding.collection)
      if (cli.json) findings.push(finding)
      else await writeFinding(cli.stdout, finding)
    },
  })
  bar[Symbol.dispose]()
  await write(cli.stdout, cli.json ? document(summary, findings) : summaryText(summary))
  if (repair && unrepaired.size > 0) cli.stderr.write(unrepairedText(unrepaired))
  return summary.different === summary.repaired ? exitCodes.ok : exitCodes.failed
}

/** A folder that a mistyped name points to would be made, and be found to hold nothing wrong. */
async function checkFolder(folder: string): Promise<void> {
  try {
    await access(folder)
  } catch (error) {
    throw new UsageError(`there is no data folder ${folder}: say where it is with --data`, { cause: error })
  }
}

function document(summary: CompareSummary, findings: readonly Finding[]): string {
  const differences = findings.flatMap(({ collection, communityId, fields, repaired }) =>
    fields.map(({ field, log, there }) => ({ collection, communityId, field, log, there, repaired })),
  )
  return `${JSON.stringify({ ...summary, differences }, undefined, 2)}\n`
}
