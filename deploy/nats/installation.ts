import { needsOf, parties, type Needs, type Party } from '../needs.ts'

/** What the permissions of an installation's users depend on. */
export interface Installation {
  /** As `ANNALS_NAMESPACE` has it. */
  readonly namespace: string
  /** The channel's namespace: the installation's own, or the name in `ANNALS_CHANNEL=nats:NAME`. */
  readonly channel: string
  /** How many processes may run of a service in which each has a consumer of its own. */
  readonly instances: number
  /** What they go by where not as `instanceNames` says. */
  readonly names?: readonly string[]
}

export function installation(
  namespace: string,
  { channel = namespace, instances = 10, names }: Partial<Omit<Installation, 'namespace'>> = {},
): Installation {
  return { namespace, channel, instances, ...(names && { names }) }
}

/**
 * What such processes go by (`ANNALS_INSTANCE`): `seeder-0` and so on, as a StatefulSet of Kubernetes names its pods. A
 * permission has no word for names that begin alike, so they are counted out.
 */
export function instanceNames(party: Party, { instances, names }: Installation): readonly string[] {
  return names ?? Array.from({ length: instances }, (_, index) => `${party}-${index}`)
}

/** The names of a party's durable consumers. */
export function consumerNames(party: Party, installation: Installation): string[] {
  const { consumers }: Needs = needsOf(party)
  return consumers.flatMap(({ name, perInstance }) =>
    perInstance ? instanceNames(party, installation).map((instance) => `${name}-${instance}`) : [name],
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
