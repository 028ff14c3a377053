import { z } from 'zod'
import type { CollectionDefinition } from '../state-store.ts'

const schema = z.object({
  peers: z.array(z.object({ ip: z.string(), port: z.number(), complete: z.boolean() })),
  /** Unix seconds of the gateway's machine; what is old counts for nothing. */
  writtenAt: z.number(),
})

/** The peers of a torrent that came to one of several gateways over HTTP and UDP: the ones it heard of last. */
export type TrackerPeers = z.infer<typeof schema>

/** By torrent and gateway: `<info hash>/<a name of the process's own>`. */
export const trackerPeers: CollectionDefinition<TrackerPeers> = {
  name: 'tracker-peers',
  parse: (value) => schema.parse(value),
}
