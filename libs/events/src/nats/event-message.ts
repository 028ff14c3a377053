import type { StoredMessage } from '@annals/nats'
import { headers, MsgHdrsImpl } from '@nats-io/transport-node'
import type { MsgHdrs } from '@nats-io/transport-node'
import type { EventRow } from '../event-row.ts'
import { parseEventSubject } from './subjects.ts'

/** Stands before the service in `ce-source`, which CloudEvents does not allow to be empty. */
const sourcePrefix = 'annals/'

/** The subject and the position of the event that a replay or a dead letter carries. */
const originSubject = 'annals-subject'
const originSequence = 'annals-sequence'

/** An event's envelope as headers, by the NATS binding of CloudEvents in its binary mode, and further ones. */
export function eventHeaders(
  row: Omit<EventRow, 'sequence' | 'payload'>,
  further: Readonly<Record<string, string>>,
): MsgHdrs {
  // Not `append`, which brings every name into another form to compare it: that is a tenth of what publishing costs.
  return MsgHdrsImpl.fromRecord({
    'ce-specversion': ['1.0'],
    'ce-id': [encodeValue(row.id)],
    'ce-type': [row.name],
    'ce-source': [sourcePrefix + encodeValue(row.source)],
    'ce-subject': [encodeValue(row.community)],
    'ce-time': [new Date(row.time_ms).toISOString()],
    'content-type': ['application/protobuf'],
    ...(row.traceparent === null ? {} : { traceparent: [encodeValue(row.traceparent)] }),
    ...Object.fromEntries(Object.entries(further).map(([name, value]) => [name, [value]])),
  })
}

/** The event of a message, also of one that somebody else put there and that lacks headers. */
export function toEventRow(message: StoredMessage): EventRow {
  const { subject, sequence } = originOf(message)
  const { name, community, token } = parseEventSubject(subject)
  const value = (header: string): string | undefined => decodeValue(message.headers.get(header))
  const time = Date.parse(message.headers.get('ce-time'))
  const source = message.headers.get('ce-source')
  return {
    sequence,
    id: value('ce-id') ?? token,
    name,
    community: value('ce-subject') ?? community,
    time_ms: Number.isNaN(time) ? Number(message.timeNanoseconds / 1_000_000n) : time,
    source: decodeValue(source.startsWith(sourcePrefix) ? source.slice(sourcePrefix.length) : source) ?? '',
    traceparent: value('traceparent') ?? null,
    payload: message.payload,
  }
}

/** Where the event of a message stands in the log: for a replay and a dead letter that is not where they stand. */
export function originOf(message: StoredMessage): { readonly subject: string; readonly sequence: number } {
  const subject = message.headers.get(originSubject)
  if (subject === '') return message
  return { subject, sequence: Number(message.headers.get(originSequence)) }
}

/** The envelope of an event for a message that is not its own place in the log. */
export function carriedHeaders(message: StoredMessage): MsgHdrs {
  const origin = originOf(message)
  const hdrs = headers()
  for (const [key, values] of message.headers) {
    if (!/^(ce-|content-type$|traceparent$)/.test(key)) continue
    for (const value of values) hdrs.append(key, value)
  }
  hdrs.set(originSubject, origin.subject)
  hdrs.set(originSequence, String(origin.sequence))
  return hdrs
}

/** As the bindings of CloudEvents for headers have it: printable ASCII but quotation mark and percent sign as it is. */
export function encodeValue(text: string): string {
  return /^[!#$&-~]*$/.test(text)
    ? text
    : text.replaceAll(/[^!#$&-~]+/g, (part) => {
        const digits = Buffer.from(part, 'utf8').toString('hex').toUpperCase()
        return digits.replaceAll(/../g, '%$&')
      })
}

/** `undefined` for an empty one, which is a header that is not there. */
function decodeValue(value: string): string | undefined {
  if (value === '') return undefined
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
