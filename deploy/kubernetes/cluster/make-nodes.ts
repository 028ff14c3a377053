import type { KubernetesApi } from './kubernetes-api.ts'
import type { Resource } from './resource.ts'

const zones = ['a', 'b', 'c'] as const
const nodesAZone = 2

/** Of nodes that nothing stands behind. */
export const nodeNames: readonly string[] = zones.flatMap((zone) =>
  Array.from({ length: nodesAZone }, (_, index) => `node-${zone}${index}`),
)

/** The zone of a node. */
export function zoneOf(node: string): string {
  return node.slice(0, -1)
}

/** Makes nodes in three zones, and the class of volumes that claims get where they name none. */
export async function makeNodes(api: KubernetesApi): Promise<void> {
  for (const name of nodeNames) await api.create(fakeNode(name))
  await api.create(storageClass)
}

function fakeNode(name: string): Resource {
  const room = { cpu: '4', memory: '16Gi', pods: '110' }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'topology.kubernetes.io/zone': zoneOf(name),
      },
    },
    status: { capacity: room, allocatable: room },
  }
}

const storageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'kwok-volume', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: 'kwok.x-k8s.io/volume',
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'Immediate',
}
