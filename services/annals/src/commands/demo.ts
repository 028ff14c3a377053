import type { Command } from 'commander'
import { runDemo } from '../demo/run-demo.ts'

/** `annals demo`: the main job on this machine alone, in well under a minute. */
export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description('show the whole way of a history, from a control node to members, with real BitTorrent on this machine')
    .option('--from <file>', 'use your own export (DiscordChatExporter JSON or NDJSON) instead of a made-up history')
    .option('--keep', 'keep the folder with everything that the nodes made')
    .addHelpText('after', '\n  annals demo\n  annals demo --from export.json --keep')
    .action(async (options: { from?: string; keep?: boolean }) => {
      process.exitCode = await runDemo({ exportFile: options.from, keep: options.keep === true })
    })
}
