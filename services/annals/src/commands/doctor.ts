import type { Party } from '@annals/deploy'
import { Option } from 'commander'
import type { BareCli, Register } from '../cli.ts'
import { exitCodes } from '../exit-codes.ts'
import { examinationText } from '../output/doctor.ts'
import { answer } from '../output/write.ts'
import { wholeNumber } from './option-parsers.ts'

interface DoctorCommandOptions {
  readonly service?: Party
  readonly natsMonitor?: string
  readonly seconds?: number
  readonly fix: boolean
}

const help = `
Works where nothing else does: each check stands on its own. It changes nothing, but for a small file in the data folder and
a document in MongoDB, both removed again. docs/doctor.md lists the checks, and what to do about each finding.

Exit codes: ${exitCodes.ok} no problems (there may be warnings), ${exitCodes.failed} problems.

Examples:
  annals doctor --data ~/annals
  NATS_URL=nats://host:4222 MONGODB_URI=mongodb://host annals doctor --nats-monitor http://host:8222
  annals doctor --service seeder --json
  annals doctor --fix`

export const registerDoctor: Register = (program, _run, runBare) => {
  program
    .command('doctor')
    .description('says which of the things that the services need is missing or wrong, and what to do')
    .option('--fix', 'make streams and indexes that are missing; overwrites and deletes nothing', false)
    .addOption(new Option('--service <service>', 'only what this service needs, with its own settings').choices(names))
    .option('--nats-monitor <url>', 'the monitoring page of the NATS server, such as http://host:8222')
    .option('--seconds <number>', 'how long each check may take, instead of its own limit', wholeNumber)
    .addHelpText('after', help)
    .action(runBare(doctor))
}

/** Those of the table of needs, which is loaded when it is needed only. */
const names = [
  'collector',
  'scheduler',
  'archiver',
  'seeder',
  'magnet-dispatcher',
  'fetcher',
  'prober',
  'gateway',
  'setup',
] as const satisfies readonly Party[]

async function doctor(cli: BareCli, { service, natsMonitor, seconds, fix }: DoctorCommandOptions): Promise<number> {
  // With the drivers of both sets, of which no other command needs all.
  const { examine } = await import('../doctor/examine.ts')
  const examination = await examine({
    env: cli.env,
    fix,
    ...(service !== undefined && { service }),
    ...(natsMonitor !== undefined && { natsMonitor }),
    ...(seconds !== undefined && { seconds }),
  })
  await answer(cli, examination, () => examinationText(examination, cli.stdout.columns))
  return examination.verdict === 'problem' ? exitCodes.failed : exitCodes.ok
}
