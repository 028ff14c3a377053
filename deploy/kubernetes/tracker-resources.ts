import { ports, trackerNodePort } from './ports.ts'

/** How the tracker over UDP, which no Ingress carries, is reached from outside. */
export type TrackerEntrance =
  /** By a port of the nodes, of which the name of the public address tells. */
  | 'NodePort'
  /** By a load balancer, which has a name of its own. */
  | 'LoadBalancer'

const serviceName = 'gateway-tracker'
const settings = { kind: 'ConfigMap', name: 'annals-settings' }

/**
 * `Local` leaves peers their addresses: they are what a tracker tells others. A peer stays with one gateway, which knows the
 * connection id that it gave, and the peers that came before.
 */
export function trackerService(entrance: TrackerEntrance): object[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: serviceName, labels: { 'app.kubernetes.io/name': 'gateway' } },
      spec: {
        type: entrance,
        externalTrafficPolicy: 'Local',
        sessionAffinity: 'ClientIP',
        selector: { 'app.kubernetes.io/name': 'gateway' },
        ports: [
          {
            name: 'tracker',
            protocol: 'UDP',
            port: ports.tracker,
            targetPort: 'tracker',
            ...(entrance === 'NodePort' && { nodePort: trackerNodePort }),
          },
        ],
      },
    },
  ]
}

/**
 * Has the gateway answer over UDP, and magnet links name where that is. Behind a load balancer nobody but the operator knows:
 * what is missing there keeps the overlay from being built.
 */
export function trackerSettings(entrance: TrackerEntrance): object[] {
  const listening = addSetting('ANNALS_TRACKER_UDP', `0.0.0.0:${ports.tracker}`)
  return entrance === 'NodePort'
    ? [
        patchSettings([listening, addSetting('ANNALS_PUBLIC_TRACKER_UDP', `name:${trackerNodePort}`)]),
        replace(
          { ...settings, fieldPath: 'data.ANNALS_PUBLIC_URL', options: { delimiter: '/', index: 2 } },
          { ...settings, fieldPath: 'data.ANNALS_PUBLIC_TRACKER_UDP', options: { delimiter: ':', index: 0 } },
        ),
      ]
    : [
        patchSettings([listening]),
        replace(
          { ...settings, fieldPath: 'data.ANNALS_PUBLIC_TRACKER_UDP', options: { delimiter: ':', index: 0 } },
          // By which external-dns, where there is one, gives the load balancer its name.
          {
            kind: 'Service',
            name: serviceName,
            fieldPath: 'metadata.annotations.[external-dns.alpha.kubernetes.io/hostname]',
            options: { create: true },
          },
        ),
      ]
}

interface Field {
  readonly kind: string
  readonly name: string
  readonly fieldPath: string
  readonly options: object
}

function addSetting(variable: string, value: string): object {
  return { op: 'add', path: `/data/${variable}`, value }
}

function patchSettings(operations: readonly object[]): object {
  return {
    apiVersion: 'builtin',
    kind: 'PatchTransformer',
    metadata: { name: 'tracker-settings' },
    target: settings,
    // JSON is YAML.
    patch: JSON.stringify(operations),
  }
}

function replace(source: Field, { kind, name, fieldPath, options }: Field): object {
  return {
    apiVersion: 'builtin',
    kind: 'ReplacementTransformer',
    metadata: { name: 'tracker-name' },
    replacements: [{ source, targets: [{ select: { kind, name }, fieldPaths: [fieldPath], options }] }],
  }
}
