import { seederPort } from './ports.ts'

/**
 * A Service for each seeder, as a peer wants a certain one: it looks for those that serve its community. The port is the
 * same in the pod, in the Service and on the node, since a seeder tells trackers and the DHT the port that it listens on.
 * `Local` leaves peers their addresses, by which misbehaving ones are told apart, and puts the port on the node from which
 * the seeder itself dials out. A seeder serves on while it waits for NATS or MongoDB, or drains.
 */
export function torrentServices(seeders: number): object[] {
  return Array.from({ length: seeders }, (_, index) => {
    const port = seederPort(index)
    return {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `seeder-${index}`, labels: { 'app.kubernetes.io/name': 'seeder' } },
      spec: {
        type: 'NodePort',
        externalTrafficPolicy: 'Local',
        publishNotReadyAddresses: true,
        selector: { 'statefulset.kubernetes.io/pod-name': `seeder-${index}` },
        ports: ['TCP', 'UDP'].map((protocol) => ({
          name: protocol === 'TCP' ? 'peers' : 'dht',
          protocol,
          port,
          targetPort: port,
          nodePort: port,
        })),
      },
    }
  })
}
