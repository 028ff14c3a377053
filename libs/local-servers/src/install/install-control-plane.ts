import { fileURLToPath } from 'node:url'
import { versions } from '../versions.ts'
import { installModuleTools } from './install-module-tools.ts'
import type { InstallOptions } from './install-options.ts'

/** The programs of a control plane, and the packages that they are made of. */
export const controlPlanePrograms = {
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
  'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
} as const

/** A folder of the cache with the programs of a control plane of Kubernetes. @throws WayClosedError */
export function installControlPlane(options: InstallOptions): Promise<string> {
  const version = versions.kubernetes
  const [major, minor] = version.split('.')
  const values = {
    'k8s.io/component-base/version.gitVersion': `v${version}`,
    'k8s.io/component-base/version.gitMajor': major,
    'k8s.io/component-base/version.gitMinor': minor,
    'k8s.io/component-base/version.gitTreeState': 'clean',
    'k8s.io/client-go/pkg/version.gitVersion': `v${version}`,
  }
  return installModuleTools(
    {
      name: 'control-plane',
      folder: fileURLToPath(new URL('../../kubernetes/', import.meta.url)),
      programs: controlPlanePrograms,
      // Otherwise it would not know which version it is.
      linkerFlags: Object.entries(values)
        .map(([name, value]) => `-X ${name}=${value}`)
        .join(' '),
      takes: 'takes up to half an hour the first time, for the four programs of a control plane together',
    },
    options,
  )
}
