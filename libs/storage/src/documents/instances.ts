import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

const schema = z.object({
  service: z.string(),
  instance: z.string(),
  /** The machine it runs on, for whoever looks. */
  machine: z.string(),
  /** Unix milliseconds. */
  startedAtMilliseconds: z.number(),
  /** Where peers reach its torrents. */
  torrents: z.object({ host: z.string(), port: z.number() }).optional(),
})

/** A process at work. It writes its row again and again: one whose version stands still for long is dead. */
export type Instance = z.infer<typeof schema>

/** By service and instance: `<service>/<instance>`. */
export const instances: CollectionDefinition<Instance> = {
  name: 'instances',
  parse: (value) => schema.parse(value),
}
