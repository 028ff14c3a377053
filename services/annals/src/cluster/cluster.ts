import { join } from 'node:path'
import { addressText, gatewayAddress } from '@annals/gateway'
import { makeMasterKeyFile } from '@annals/keys'
import { settings } from '@annals/service'
import type { ServiceName } from '../load-service.ts'
import { serviceNames } from '../load-service.ts'
import type { ProcessState } from './kept-process.ts'
import { KeptProcess } from './kept-process.ts'

export interface ClusterOptions {
  /** Holds a folder for each process, with its data and its log. */
  readonly folder: string
  /** How many of each service; one where absent. */
  readonly counts: Partial<Record<ServiceName, number>>
  /** Settings of all processes, engines among them, as environment variables. */
  readonly environment: Readonly<Record<string, string>>
  /** Settings of a service's processes, before those of all: a user of its own on an engine. */
  readonly environmentOf?: (service: ServiceName) => Readonly<Record<string, string>>
  /** Where the first gateway answers, as `ANNALS_GRPC` has it; a socket in the folder where empty. */
  readonly grpcAddress?: string
  /** The command line that is run, where it is another version's. */
  readonly program?: string
  readonly onChange?: (state: ProcessState) => void
  /** Before a process that dies soon every time is started again. */
  readonly longestPauseMilliseconds?: number
}

/** One process a service, or several, on this machine; each is started again when it dies. */
export class Cluster implements AsyncDisposable {
  /** Where the first gateway answers. */
  readonly address: string
  readonly processes: readonly KeptProcess[]

  constructor(options: ClusterOptions) {
    const { folder, counts, environmentOf, grpcAddress = '', program, onChange, longestPauseMilliseconds } = options
    const environment = { [settings.masterKeyFile.variable]: ownMasterKey(options), ...options.environment }
    this.address = addressText(gatewayAddress(grpcAddress, folder))
    this.processes = serviceNames.flatMap((service) =>
      Array.from({ length: counts[service] ?? 1 }, (_, index) => {
        // As Kubernetes names the pods of a StatefulSet.
        const name = `${service}-${index}`
        const own: Record<string, string> = {
          ...environment,
          ...environmentOf?.(service),
          [settings.instance.variable]: name,
          // Two processes cannot listen on one port: the first one has what was asked for.
          ...(index > 0 && { [settings.torrentPort.variable]: '0', ...withoutPlaces(environment) }),
          [settings.grpcAddress.variable]: service === 'gateway' && index === 0 ? this.address : '',
        }
        const run = { args: ['run', service], ...(program !== undefined && { program }) }
        const options = { folder: join(folder, name), environment: own, ...run }
        return new KeptProcess(name, options, onChange, longestPauseMilliseconds)
      }),
    )
  }

  /** Resolves when every process is at work. */
  async atWork(): Promise<void> {
    await Promise.all(this.processes.map((each) => each.atWork()))
  }

  /** The processes of a service. */
  of(service: ServiceName): readonly KeptProcess[] {
    return this.processes.filter(({ name }) => name.startsWith(`${service}-`))
  }

  /** Ends all of them in order, at the same time. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.processes.map((each) => each.stop()))
  }
}

/** Only what was asked for is taken back: another version may not know the settings. */
function withoutPlaces(environment: Readonly<Record<string, string>>): Record<string, string> {
  const places = [settings.http.variable, settings.trackerUdp.variable]
  return Object.fromEntries(places.filter((variable) => variable in environment).map((variable) => [variable, '']))
}

/** One for all processes, since each by itself would not make one. */
function ownMasterKey({ folder, environment }: ClusterOptions): string {
  const path = join(folder, 'master.key')
  if (environment[settings.masterKeyFile.variable] === undefined) makeMasterKeyFile(path)
  return path
}
