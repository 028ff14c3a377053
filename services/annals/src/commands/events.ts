import type { Event, GetEventRequest } from '@annals/proto/api/v1'
import { call, stream } from '../client/call.ts'
import { connect } from '../client/connect.ts'
import type { Cli, Register } from '../cli.ts'
import { UsageError } from '../cli-errors.ts'
import { eventDocument, eventText, readPayload } from '../output/event.ts'
import { momentText, shortId } from '../output/format.ts'
import { answer, write } from '../output/write.ts'
import { collect, wholeNumber } from './option-parsers.ts'

interface TailOptions {
  readonly after: number
  readonly name: string[]
  readonly community: string
  readonly follow: boolean
}

export const registerEvents: Register = (program, run) => {
  const events = program.command('events').description('what happened')
  events
    .command('tail')
    .description('prints the events of the log, then those that come, until Ctrl-C')
    .option('--after <position>', 'only events after this position in the log', wholeNumber, 0)
    .option('--name <event>', 'only events of this name, such as ArchiveCreated; may be repeated', collect, [])
    .option('--community <id>', 'only events of this community', '')
    .option('--no-follow', 'end where the log ends now')
    .addHelpText(
      'after',
      '\nExamples:\n  annals events tail --name ArchiveCreated\n  annals events tail --no-follow --json | jq -r .name',
    )
    .action(run(tail))
  events
    .command('show')
    .description('one event with everything that is in it')
    .argument('<event>', 'its position in the log, or its id')
    .addHelpText(
      'after',
      '\nExamples:\n  annals events show 12\n  annals events show ArchiveDue/0x0252…/1700000000-1700604800',
    )
    .action(run(show))
}

async function tail(cli: Cli, { after, name, community, follow }: TailOptions): Promise<void> {
  using client = connect(cli)
  const request = { after, names: name, communityId: community, follow }
  for await (const event of stream(client, client.api.streamEvents, request, cli.signal)) {
    if (cli.stdout.destroyed) return
    await write(cli.stdout, `${cli.json ? JSON.stringify(eventDocument(event)) : eventLine(event)}\n`)
  }
}

function eventLine({ sequence, timeMilliseconds, name, communityId, payload }: Event): string {
  const what = JSON.stringify(readPayload(name, payload?.value))
  return `${String(sequence).padStart(6)}  ${momentText(timeMilliseconds)}  ${shortId(communityId)}  ${name}  ${what === '{}' ? '' : what}`.trimEnd()
}

async function show(cli: Cli, _: object, which: string): Promise<void> {
  const request = whichEvent(which)
  using client = connect(cli)
  const { event } = await call(client, client.api.getEvent, request)
  if (event !== undefined) await answer(cli, eventDocument(event), () => eventText(event))
}

function whichEvent(which: string): GetEventRequest {
  if (which.includes('/')) return { id: which }
  if (/^[1-9]\d{0,14}$/.test(which)) return { sequence: Number(which) }
  throw new UsageError(`"${which}" is no event: its position in the log is expected, or its id, <name>/<community>/…`)
}
