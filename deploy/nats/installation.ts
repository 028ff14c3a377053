import { needsOf, parties, type Needs, type Party } from '../needs.ts'

/** What the permissions of an installation's users depend on. */
export interface Installation {
  /** As `ANNALS_NAMESPACE` has it. */
  readonly namespace: string
  /** The channel's namespace: the installation's own, or the name in `ANNALS_CHANNEL=nats:NAME`. */
  readonly channel: string
  /** The instances (`ANNALS_INSTANCE`) that a service whose processes have a consumer each may run as. */
  readonly instancesOf: (party: Party) => readonly string[]
}

const instancesOfAService = 10

/** `seeder-0` and so on, as a StatefulSet of Kubernetes names its pods. */
export function numberedInstances(party: Party): readonly string[] {
  return Array.from({ length: instancesOfAService }, (_, index) => `${party}-${index}`)
}

export function installation(namespace: string, channel = namespace): Installation {
  return { namespace, channel, instancesOf: numberedInstances }
}

/** The names of a party's durable consumers. */
export function consumerNames(party: Party, { instancesOf }: Installation): string[] {
  const { consumers }: Needs = needsOf(party)
  return consumers.flatMap(({ name, perInstance }) =>
    perInstance ? instancesOf(party).map((instance) => `${name}-${instance}`) : [name],
  )
}

/** The durable consumers of all others. */
export function foreignConsumerNames(party: Party, installation: Installation): string[] {
  return parties.filter((other) => other !== party).flatMap((other) => consumerNames(other, installation))
}

/** What a party goes by on the server; several installations may share one. */
export function userName(party: Party, namespace: string): string {
  return `${namespace}-${party}`
}

/** What the inboxes of a party begin with, as `NATS_INBOX_PREFIX` has it: nobody else may listen there. */
export function inboxPrefix(party: Party, namespace: string): string {
  return `_INBOX_${userName(party, namespace)}`
}
