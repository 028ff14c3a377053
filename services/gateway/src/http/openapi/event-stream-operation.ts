import type { Schema } from './message-schema.ts'

/** What the OpenAPI document says of the stream of events. */
export const eventStreamOperation: Schema = {
  operationId: 'FollowEvents',
  description:
    'Events as they come, as server-sent events: `id` is the position in the log, `event` the name, `data` the event as StreamEvents gives it. Goes on behind `Last-Event-ID`, or `after`; without either begins with what comes. Ends with the event `end` and a reason where the reader is too slow, where there are too many streams, or where the node stops. Who has a token may; an owner is told of their own communities alone.',
  'x-annals-allows': 'token',
  security: [{ token: [] }],
  parameters: [
    { name: 'communityId', in: 'query', description: 'Of this community alone.', schema: { type: 'string' } },
    {
      name: 'names',
      in: 'query',
      description: 'Events of these names alone, separated by commas.',
      schema: { type: 'string' },
    },
    { name: 'after', in: 'query', description: 'A position in the log.', schema: { type: 'integer', minimum: 0 } },
    {
      name: 'Last-Event-ID',
      in: 'header',
      description: 'A position in the log: what comes after it is sent.',
      schema: { type: 'integer', minimum: 0 },
    },
  ],
  responses: {
    200: {
      description: 'To be read for as long as wanted.',
      content: { 'text/event-stream': { schema: { type: 'string' } } },
    },
    default: { $ref: '#/components/responses/Problem' },
  },
}
