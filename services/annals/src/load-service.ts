import type { ServiceDefinition } from '@annals/service'

/** Each service by its name. Loaded one by one: what the others need would take longer than a start. */
const loaders = {
  collector: async () => (await import('@annals/collector')).collector,
  archiver: async () => (await import('@annals/archiver')).archiver,
  seeder: async () => (await import('@annals/seeder')).seeder,
  'magnet-dispatcher': async () => (await import('@annals/magnet-dispatcher')).magnetDispatcher,
  fetcher: async () => (await import('@annals/fetcher')).fetcher,
  prober: async () => (await import('@annals/prober')).prober,
  scheduler: async () => (await import('@annals/scheduler')).scheduler,
  gateway: async () => (await import('@annals/gateway')).gateway,
} satisfies Record<string, () => Promise<ServiceDefinition>>

export type ServiceName = keyof typeof loaders

/** In the order in which the all-in-one process starts them. */
export const serviceNames = Object.keys(loaders) as ServiceName[]

export function isServiceName(text: string): text is ServiceName {
  return Object.hasOwn(loaders, text)
}

export function loadService(name: ServiceName): Promise<ServiceDefinition> {
  return loaders[name]()
}
