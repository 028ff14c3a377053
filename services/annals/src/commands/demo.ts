import type { Cli, Register } from '../cli.ts'
import { runDemo } from '../demo/run-demo.ts'

interface DemoOptions {
  readonly from?: string
  readonly keep?: boolean
}

export const registerDemo: Register = (program, run) => {
  program
    .command('demo')
    .description(
      'shows the way of a history from a control node to members, with real BitTorrent, on this machine alone',
    )
    .option('--from <file>', 'your own export (DiscordChatExporter JSON or NDJSON) instead of a made-up history')
    .option(
      '--keep',
      'keep the folder with everything that the nodes made, and the nodes running, to be looked at in a browser',
    )
    .addHelpText('after', '\nExamples:\n  annals demo\n  annals demo --from export.json --keep')
    .action(run(demo))
}

function demo(cli: Cli, { from, keep }: DemoOptions): Promise<number> {
  return runDemo({ exportFile: from, keep: keep === true, stdout: cli.stdout, signal: cli.signal })
}
