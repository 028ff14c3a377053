import type { ConsumerNeed, Party } from '@annals/deploy'
import { needsOf, parties } from '@annals/deploy'
import type { DoctorContext } from './doctor-context.ts'

/** Roles of people, and an example: nothing of theirs need run. */
const roles: readonly Party[] = ['setup', 'subscriber']

export const services = parties.filter((party) => !roles.includes(party))

/** A consumer that a service has. */
export interface WantedConsumer extends ConsumerNeed {
  readonly service: Party
}

/** The durable consumers of the service that is named, or else of all. */
export function wantedConsumers({ service }: Pick<DoctorContext, 'service'>): WantedConsumer[] {
  return (service === undefined ? services : [service]).flatMap((each) =>
    needsOf(each).consumers.map((consumer) => ({ ...consumer, service: each })),
  )
}

/** The instance whose own consumer this is; `undefined` for one that all processes of a service share. */
export function instanceOfConsumer(
  consumer: string,
): { readonly service: Party; readonly instance: string } | undefined {
  for (const { service, name, perInstance } of wantedConsumers({ service: undefined }))
    if (perInstance && consumer.startsWith(`${name}-`)) return { service, instance: consumer.slice(name.length + 1) }
  return undefined
}
