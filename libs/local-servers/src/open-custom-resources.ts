import { findProgram } from './find-program.ts'
import type { InstallOptions } from './install/install-options.ts'
import type { CustomResourceDefinition } from './install/kubernetes-schemas.ts'
import { readCustomResources } from './install/read-custom-resources.ts'

/**
 * The definitions of KEDA's resources that our manifests use, as KEDA publishes them.
 * @throws ServerUnavailableError where they cannot be had on this machine
 */
export function openCustomResources(options: InstallOptions = {}): Promise<CustomResourceDefinition[]> {
  const find = (): Promise<CustomResourceDefinition[]> => readCustomResources(options)
  return findProgram('KEDA definitions', [{ name: "go's module cache", find }])
}
