import { strict as assert } from 'node:assert'
import { appName, containersOf, workloadsIn } from '../testing/manifest.ts'
import type { Manifest } from '../testing/manifest.ts'
import type { DeployedOverlay } from './deployed-overlay.ts'
import { Followed } from './followed.ts'
import type { EndpointSlice, Pod } from './resource.ts'

const slices = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' }

/** Each Service leads to the pods that it is to lead to, on the ports that their containers have. */
export async function checkServices(
  { api, manifests, overlay, say }: DeployedOverlay,
  pods: readonly Pod[],
): Promise<void> {
  const services = manifests.filter(({ kind }) => kind === 'Service')
  await using followed = await Followed.begin<EndpointSlice>(api, slices)
  for (const service of services) {
    const { name } = service.metadata
    const wanted = pods.filter(({ metadata }) => isSelected(service, metadata.labels ?? {})).length
    assert.ok(wanted > 0, `${name} selects no pod`)
    const ports = wantedPorts(service, manifests)
    await followed.until(`${name} leads to ${wanted} pods on ${JSON.stringify(ports)}`, (items) => {
      const own = items.filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name)
      const ready = own
        .flatMap(({ endpoints }) => endpoints ?? [])
        .filter(({ conditions }) => conditions.ready === true)
      const found = own.flatMap((each) => each.ports ?? []).map(({ port, protocol }) => `${port}/${protocol}`)
      return ready.length === wanted && found.toSorted().join() === ports.toSorted().join()
    })
  }
  say(`${overlay}: ${services.length} Services lead to their pods`)
}

function isSelected({ spec }: Manifest, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(spec?.selector ?? {}).every(([label, value]) => labels[label] === value)
}

/** `50051/TCP`: a port's number, where the Service gives its name. */
function wantedPorts({ spec, metadata }: Manifest, manifests: readonly Manifest[]): string[] {
  const app = appName(metadata.labels)
  const pod = workloadsIn(manifests).find((each) => each.metadata.name === app)?.pod
  const named = new Map((pod === undefined ? [] : containersOf(pod)).flatMap(portsOf))
  return (spec?.ports ?? []).map(({ targetPort, port, protocol = 'TCP' }) => {
    const target = targetPort ?? port
    return `${typeof target === 'string' ? named.get(target) : target}/${protocol}`
  })
}

function portsOf(container: object): [string, number][] {
  const { ports = [] } = container as { ports?: readonly { name: string; containerPort: number }[] }
  return ports.map(({ name, containerPort }) => [name, containerPort])
}
