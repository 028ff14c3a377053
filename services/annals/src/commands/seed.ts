import { call } from '../client/call.ts'
import { connect } from '../client/connect.ts'
import type { Cli, Register } from '../cli.ts'
import { bytesText } from '../output/format.ts'
import { fields } from '../output/table.ts'
import { answer } from '../output/write.ts'

/** Bringing back a large history copies all of it. */
const seedDeadlineSeconds = 3600

export const registerSeed: Register = (program, run) => {
  program
    .command('seed')
    .description("serves a community's archives again: brings them back where the torrent folder lost them")
    .argument('<community>', 'community id')
    .addHelpText('after', '\nExample:\n  annals seed 0x0252…')
    .action(run(seed))
}

async function seed(cli: Cli, _: object, communityId: string): Promise<void> {
  using client = connect(cli)
  const response = await call(client, client.api.seed, { communityId }, seedDeadlineSeconds)
  await answer(cli, response, () =>
    fields([
      ['seeding', response.infoHash],
      ['size', bytesText(response.sizeBytes)],
      ['magnet link', response.magnetLink],
      ['brought back', response.restored ? 'yes' : 'no, everything was there'],
    ]),
  )
}
