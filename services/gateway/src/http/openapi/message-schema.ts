import type { DescField, DescMessage } from '@bufbuild/protobuf'
import { ScalarType } from '@bufbuild/protobuf'
import type { ApiDescriptors } from './api-descriptors.ts'

/** JSON Schema 2020-12, as OpenAPI 3.1 has it. */
export interface Schema {
  readonly [keyword: string]: unknown
}

const base64: Schema = { type: 'string', contentEncoding: 'base64', pattern: '^[A-Za-z0-9+/]*={0,2}$' }
/** As `fromJSON` takes them: whole numbers that a double holds. */
const integer: Schema = { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }

const scalars: Readonly<Record<number, Schema>> = {
  [ScalarType.STRING]: { type: 'string' },
  [ScalarType.BOOL]: { type: 'boolean' },
  [ScalarType.BYTES]: base64,
  [ScalarType.INT32]: { type: 'integer', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
  [ScalarType.INT64]: integer,
}

/** A payload of an event: its message, by the event's name. */
const eventPayload: Schema = {
  type: 'object',
  description: 'The message of annals.events.v1 that the event’s name names.',
}

/** Where the schema of a message stands. */
export function refTo(message: DescMessage): Schema {
  return { $ref: `#/components/schemas/${message.name}` }
}

/** A message as its JSON is; fields that have their default are left out of answers. */
export function messageSchema(message: DescMessage, descriptors: ApiDescriptors): Schema {
  const description = descriptors.comment(message)
  return {
    type: 'object',
    ...(description !== '' && { description }),
    properties: Object.fromEntries(message.fields.map((each) => [each.jsonName, fieldSchema(each, descriptors)])),
    additionalProperties: false,
  }
}

export function fieldSchema(field: DescField, descriptors: ApiDescriptors): Schema {
  const description = descriptors.comment(field)
  return { ...valueSchema(field), ...(description !== '' && { description }) }
}

function valueSchema(field: DescField): Schema {
  switch (field.fieldKind) {
    case 'scalar':
      return scalarSchema(field.scalar)
    case 'enum':
      return { type: 'string', enum: field.enum.values.map(({ name }) => name) }
    case 'message':
      return messageRef(field.message)
    case 'list':
      return { type: 'array', items: elementSchema(field) }
    case 'map':
      return { type: 'object', additionalProperties: elementSchema(field) }
    default:
      return field satisfies never
  }
}

function elementSchema(field: Extract<DescField, { fieldKind: 'list' | 'map' }>): Schema {
  if (field.message !== undefined) return messageRef(field.message)
  return field.scalar === undefined ? { type: 'string' } : scalarSchema(field.scalar)
}

function messageRef(message: DescMessage): Schema {
  return message.typeName === 'google.protobuf.Any' ? eventPayload : refTo(message)
}

function scalarSchema(scalar: ScalarType): Schema {
  const schema = scalars[scalar]
  if (schema === undefined) throw new TypeError(`nothing says how scalar ${scalar} is written`)
  return schema
}

/** A message and all that it is made of, by name. */
export function messagesWithin(message: DescMessage, found = new Map<string, DescMessage>()): Map<string, DescMessage> {
  if (found.has(message.name) || message.typeName === 'google.protobuf.Any') return found
  found.set(message.name, message)
  for (const field of message.fields) if (field.message !== undefined) messagesWithin(field.message, found)
  return found
}
