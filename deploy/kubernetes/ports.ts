import type { Party } from '../needs.ts'

/** Where the services listen and what they dial, as the manifests and their settings have it. */
export const ports = {
  grpc: 50_051,
  /** The page, the API, the web seed and the tracker. */
  http: 8_080,
  /** The tracker, for peers over UDP. */
  tracker: 6_969,
  nats: 4_222,
  mongodb: 27_017,
  /** The REST interface of a Waku node. */
  waku: 8_645,
  /** OTLP over gRPC and HTTP. */
  telemetry: [4_317, 4_318],
  dns: 53,
} as const

/** The tracker over UDP where a node's port leads to it, in the range that Kubernetes gives to node ports. */
export const trackerNodePort = 30_969

/** As many seeders as have a user's consumers in NATS (`Installation.instances`) and a port by their pod's index. */
export const maxSeeders = 10

/** A seeder's port, inside and outside the cluster: what it tells trackers and the DHT is what reaches it. */
export function seederPort(index: number): number {
  return 30_880 + index
}

/** Nobody has to reach a fetcher; peers of those it dialled may. */
export const fetcherPort = 30_879

/** The first and the last port on which a party's pods take BitTorrent peers. */
export function torrentPorts(party: Party): readonly [number, number] {
  return party === 'seeder' ? [seederPort(0), seederPort(maxSeeders - 1)] : [fetcherPort, fetcherPort]
}
