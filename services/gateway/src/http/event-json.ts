import type { EventName } from '@annals/events'
import { eventCodecs, isEventName } from '@annals/events'

interface PackedJson {
  readonly typeUrl?: string
  /** Base64. */
  readonly value?: string
}

/**
 * The JSON of an answer in which payloads of events can be read: ts-proto leaves them packed. Looks where answers have
 * events: at themselves, as `event`, and in `deadLetter`.
 */
export function withReadablePayload(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json
  const { payload, event, deadLetter, ...rest } = json as Record<string, unknown>
  return {
    ...rest,
    ...(payload !== undefined && { payload: unpacked(payload as PackedJson) }),
    ...(event !== undefined && { event: withReadablePayload(event) }),
    ...(deadLetter !== undefined && { deadLetter: withReadablePayload(deadLetter) }),
  }
}

/** Nothing where this version does not know the event, or its payload is damaged. */
function unpacked({ typeUrl = '', value = '' }: PackedJson): unknown {
  const name = typeUrl.slice(typeUrl.lastIndexOf('.') + 1)
  if (!isEventName(name)) return {}
  try {
    return payloadJson(name, Buffer.from(value, 'base64'))
  } catch {
    return {}
  }
}

function payloadJson(name: EventName, bytes: Uint8Array): unknown {
  // The codec belongs to the payload by the event's name, which the type cannot follow through the look-up.
  const codec = eventCodecs[name] as { decode(bytes: Uint8Array): unknown; toJSON(payload: unknown): unknown }
  return codec.toJSON(codec.decode(bytes))
}
