import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { basePolicies, enginePolicies } from './network-policies.ts'
import { streamResources } from './stream-resources.ts'
import { torrentServices } from './torrent-services.ts'
import { trackerService, trackerSettings } from './tracker-resources.ts'

interface GeneratedFile {
  /** From the workspace's root. */
  readonly path: string
  readonly text: string
}

/** Seeders of the overlay `single`, and of the overlay `production`; a test compares them with what is deployed. */
const singleSeeders = 1
const productionSeeders = 3
const productionStreamReplicas = 3

/** What of the manifests follows from the code: written by `generate.ts`, and not to be edited. */
export function generatedFiles(): GeneratedFile[] {
  const single = 'k8s/overlays/single'
  const production = 'k8s/overlays/production'
  return [
    file('k8s/base/network-policies.yaml', 'deploy/needs.ts', basePolicies()),
    file(`${single}/network-policies.yaml`, 'deploy/needs.ts', enginePolicies('inside')),
    file(`${production}/network-policies.yaml`, 'deploy/needs.ts', enginePolicies('outside')),
    file(`${single}/torrent-services.yaml`, 'deploy/kubernetes/ports.ts', torrentServices(singleSeeders)),
    file(`${single}/public/tracker-service.yaml`, 'deploy/kubernetes/ports.ts', trackerService('NodePort')),
    file(`${single}/public/address/tracker.yaml`, 'deploy/kubernetes/ports.ts', trackerSettings('NodePort')),
    // kustomize takes no files from elsewhere.
    {
      path: `${single}/nats/annals.conf`,
      text: readFileSync(join(import.meta.dirname, '../nats/annals.conf'), 'utf8'),
    },
    file(`${production}/torrent-services.yaml`, 'deploy/kubernetes/ports.ts', torrentServices(productionSeeders)),
    file(`${production}/public/tracker-service.yaml`, 'deploy/kubernetes/ports.ts', trackerService('LoadBalancer')),
    file(`${production}/public/address/tracker.yaml`, 'deploy/kubernetes/ports.ts', trackerSettings('LoadBalancer')),
    file(
      `${production}/streams.yaml`,
      'libs/events and libs/channels',
      streamResources('annals', productionStreamReplicas),
    ),
  ]
}

function file(path: string, source: string, resources: readonly object[]): GeneratedFile {
  const head = `# Written by "node deploy/kubernetes/generate.ts" out of ${source}; do not edit.\n`
  const options = { lineWidth: 0, singleQuote: true, aliasDuplicateObjects: false }
  return { path, text: head + resources.map((resource) => stringify(resource, options)).join('---\n') }
}
