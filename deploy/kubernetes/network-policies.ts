import { needsOf, parties, type Needs, type Party } from '../needs.ts'
import { ports, torrentPorts } from './ports.ts'

/** Where NATS and MongoDB are: among the pods of Annals, or in namespaces of their own. */
export type EnginePlace = 'inside' | 'outside'

const engines = ['nats', 'mongodb'] as const
type Engine = (typeof engines)[number]

/** Those with pods of their own: the other parties of the table are an operator's and a subscriber's. */
export const services = parties.filter((party) => party !== 'setup' && party !== 'subscriber')

/** What may be said to whom, whatever the engines are: nothing but what the table of needs has. */
export function basePolicies(): object[] {
  return [
    policy('nothing-else', {}, { ingress: [], egress: [] }),
    policy(
      'names',
      {},
      { egress: [{ to: [everyPod], ports: [port(ports.dns, 'UDP'), port(ports.dns)] }, nodeLocalNames] },
    ),
    policy('telemetry', partOfAnnals, {
      egress: [
        { to: [{ ...everyPod, ...pods('opentelemetry-collector') }], ports: ports.telemetry.map((each) => port(each)) },
      ],
    }),
    ...services.flatMap((party) => {
      const ingress = accepting(party)
      const egress = reaching(needsOf(party))
      return ingress.length + egress.length === 0 ? [] : [policy(party, named([party]), { ingress, egress })]
    }),
  ]
}

/** What may be said to the engines, and in the engines' own pods where these are inside. */
export function enginePolicies(place: EnginePlace): object[] {
  return engines.flatMap((engine) => {
    const clients = services.filter((party) => needsOf(party).reaches.includes(engine))
    const reach = policy(`reach-${engine}`, named(clients), {
      egress: [{ to: [place === 'inside' ? pods(engine) : inNamespace(engine)], ports: [port(ports[engine])] }],
    })
    if (place === 'outside') return [reach]
    const accept = { ingress: [{ from: [{ podSelector: named(clients) }], ports: [port(ports[engine])] }] }
    return [reach, policy(engine, pods(engine).podSelector, accept)]
  })
}

function accepting(party: Party): object[] {
  const { accepts }: Needs = needsOf(party)
  const [first, last] = torrentPorts(party)
  const torrents = (['TCP', 'UDP'] as const).map((protocol) => ({ ...port(first, protocol), endPort: last }))
  return [
    // From anywhere: peers are strangers.
    ...(accepts.includes('bittorrent') ? [{ ports: torrents }] : []),
    // From anywhere: it asks for a token.
    ...(accepts.includes('grpc') ? [{ ports: [port(ports.grpc)] }] : []),
    // From anywhere: what is not for everybody asks for a token.
    ...(accepts.includes('http') ? [{ ports: [port(ports.http)] }] : []),
    // From anywhere: peers are strangers.
    ...(accepts.includes('tracker') ? [{ ports: [port(ports.tracker, 'UDP')] }] : []),
  ]
}

function reaching({ reaches }: Needs): object[] {
  return [
    ...(reaches.includes('bittorrent') ? [{ to: [...everyAddress, pods('seeder'), pods('gateway')] }] : []),
    ...(reaches.includes('waku') ? [{ ports: [port(ports.waku)] }] : []),
  ]
}

const everyPod = { namespaceSelector: {} }
const partOfAnnals = { matchLabels: { 'app.kubernetes.io/part-of': 'annals' } }
/** Where the names' cache of a node listens, in clusters that have one. */
const nodeLocalNames = {
  to: [{ ipBlock: { cidr: '169.254.20.10/32' } }],
  ports: [port(ports.dns, 'UDP'), port(ports.dns)],
}
/**
 * Peers and trackers are anywhere and on any port, but not where clouds hand out the credentials of a node. Some networks do
 * not count pods as addresses.
 */
const everyAddress = [
  { ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.0.0/16'] } },
  { ipBlock: { cidr: '::/0', except: ['fd00:ec2::/32', 'fe80::/10'] } },
]

function named(names: readonly string[]): object {
  return names.length === 1
    ? { matchLabels: { 'app.kubernetes.io/name': names[0] } }
    : { matchExpressions: [{ key: 'app.kubernetes.io/name', operator: 'In', values: names }] }
}

function pods(name: string): { podSelector: object } {
  return { podSelector: named([name]) }
}

function inNamespace(engine: Engine): object {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': engine } }, ...pods(engine) }
}

function port(number: number, protocol: 'TCP' | 'UDP' = 'TCP'): { protocol: string; port: number } {
  return { protocol, port: number }
}

/** A direction that is not named is not restricted by this policy; one that is and has no rules is closed. */
function policy(name: string, podSelector: object, rules: { ingress?: object[]; egress?: object[] }): object {
  const { ingress, egress } = rules
  const isAll = name === 'nothing-else'
  const directions = [
    ...(ingress !== undefined && (isAll || ingress.length > 0) ? ['Ingress'] : []),
    ...(egress !== undefined && (isAll || egress.length > 0) ? ['Egress'] : []),
  ]
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name },
    spec: {
      podSelector,
      policyTypes: directions,
      ...(ingress !== undefined && ingress.length > 0 && { ingress }),
      ...(egress !== undefined && egress.length > 0 && { egress }),
    },
  }
}
