import type { StreamEventsResponse } from '@annals/proto/api/v1'
import { eventCodecs, isEventName } from '@annals/events'
import { stream } from '../client/call.ts'
import { connect } from '../client/connect.ts'
import type { Cli, Register } from '../cli.ts'
import { shortId } from '../output/format.ts'
import { write } from '../output/write.ts'
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
}

async function tail(cli: Cli, { after, name, community, follow }: TailOptions): Promise<void> {
  using client = connect(cli)
  const request = { after, names: name, communityId: community, follow }
  for await (const event of stream(client, client.api.streamEvents, request, cli.signal)) {
    if (cli.stdout.destroyed) return
    await write(cli.stdout, `${cli.json ? JSON.stringify(eventDocument(event)) : eventText(event)}\n`)
  }
}

function eventDocument({ payload, ...envelope }: StreamEventsResponse): object {
  return { ...envelope, payload: readPayload(envelope.name, payload?.value) }
}

function eventText({ sequence, timeMilliseconds, name, communityId, payload }: StreamEventsResponse): string {
  const time = new Date(timeMilliseconds).toISOString()
  const what = JSON.stringify(readPayload(name, payload?.value))
  return `${String(sequence).padStart(6)}  ${time}  ${shortId(communityId)}  ${name}  ${what === '{}' ? '' : what}`.trimEnd()
}

/** A node that is newer may say what this program does not know: then only that it happened. */
function readPayload(name: string, bytes: Uint8Array | undefined): unknown {
  if (!isEventName(name) || bytes === undefined) return {}
  return eventCodecs[name].decode(bytes)
}
