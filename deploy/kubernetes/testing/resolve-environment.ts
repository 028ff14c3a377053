import type { Container, EnvVar, Manifest } from './manifest.ts'

/** A value for each kind of secret, of the form that the settings want. */
export const secretValues: Readonly<Record<string, string>> = {
  'annals-mongodb/uri': 'mongodb://annals:secret@mongodb:27017/?authSource=admin',
  'annals-gateway/token': 'a-token-of-16-characters-and-more',
}

/** What a process in a container finds in its environment. */
export function resolveEnvironment(
  container: Container,
  manifests: readonly Manifest[],
  podName: string,
): Record<string, string> {
  const fromMaps = (container.envFrom ?? []).map(({ configMapRef }) => configMap(manifests, configMapRef.name))
  const environment: Record<string, string> = {}
  // A reference sees those before it: older kubelets do not see what whole maps bring.
  for (const variable of container.env ?? [])
    environment[variable.name] =
      variable.value === undefined ? lookUp(variable, manifests, podName) : expand(variable.value, environment)
  return { ...Object.assign({}, ...fromMaps), ...environment }
}

function expand(value: string, known: Readonly<Record<string, string>>): string {
  return value.replaceAll(/\$\((\w+)\)/g, (reference, name: string) => known[name] ?? reference)
}

function lookUp({ name, valueFrom }: EnvVar, manifests: readonly Manifest[], podName: string): string {
  const { configMapKeyRef, secretKeyRef, fieldRef } = valueFrom ?? {}
  const found = configMapKeyRef
    ? configMap(manifests, configMapKeyRef.name)[configMapKeyRef.key]
    : secretKeyRef
      ? (secretValues[`${secretKeyRef.name}/${secretKeyRef.key}`] ?? 'aPassword')
      : { 'metadata.name': podName, "metadata.labels['apps.kubernetes.io/pod-index']": podName.split('-').at(-1) }[
          fieldRef?.fieldPath ?? ''
        ]
  if (found === undefined) throw new Error(`nothing says what ${name} is`)
  return found
}

function configMap(manifests: readonly Manifest[], name: string): Readonly<Record<string, string>> {
  const found = manifests.find((each) => each.kind === 'ConfigMap' && each.metadata.name === name)
  if (found?.data === undefined) throw new Error(`there is no ConfigMap ${name}`)
  return found.data
}
