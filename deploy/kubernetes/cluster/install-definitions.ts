import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { openCustomResources } from '@annals/local-servers'
import { parseAllDocuments } from 'yaml'
import { NotReachedError } from './errors.ts'
import type { KubernetesApi } from './kubernetes-api.ts'
import type { Kind } from './kubernetes-api.ts'
import type { Resource } from './resource.ts'

const betweenLooksMilliseconds = 100
const limitSeconds = 60

interface Definition extends Resource {
  readonly spec: {
    readonly group: string
    readonly names: { readonly kind: string; readonly [other: string]: unknown }
    readonly versions: readonly { readonly name: string; readonly [other: string]: unknown }[]
    readonly [other: string]: unknown
  }
}

/**
 * Installs the definitions of KEDA's and NACK's kinds, and waits until the server has them.
 * @param nackFile NACK's definitions; without them a Stream may be anything
 */
export async function installDefinitions(api: KubernetesApi, nackFile: string | undefined): Promise<void> {
  const keda = (await openCustomResources()) as unknown as Definition[]
  for (const definition of [...keda, ...(nackFile === undefined ? [anyStream] : await readDefinitions(nackFile))]) {
    await api.apply(definition)
    const { group, names, versions } = definition.spec
    for (const { name } of versions) await untilKnown(api, { apiVersion: `${group}/${name}`, kind: names.kind })
  }
}

async function readDefinitions(file: string): Promise<Definition[]> {
  const documents = parseAllDocuments(await readFile(file, 'utf8'))
  return documents.map((document) => document.toJS() as Definition)
}

/** It serves a new kind a moment after it has taken its definition, which no event tells. */
async function untilKnown(api: KubernetesApi, of: Kind): Promise<void> {
  const deadline = performance.now() + limitSeconds * 1000
  while (!(await api.knows(of))) {
    const awaited = `the server has ${of.kind} in ${of.apiVersion}`
    if (performance.now() > deadline) throw new NotReachedError(awaited, limitSeconds, [])
    await pause(betweenLooksMilliseconds)
  }
}

/** NACK's own definition is in no module that can be had with the others. */
const anyStream: Definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'streams.jetstream.nats.io' },
  spec: {
    group: 'jetstream.nats.io',
    scope: 'Namespaced',
    names: { kind: 'Stream', listKind: 'StreamList', plural: 'streams', singular: 'stream' },
    versions: [
      {
        name: 'v1beta2',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
}
