import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { KubernetesTools } from '@annals/local-servers'

export interface Validation {
  readonly kind: string
  readonly name: string
  readonly status: 'statusValid' | 'statusInvalid' | 'statusError' | 'statusSkipped'
  readonly msg: string
}

/**
 * NACK's definitions are in no module that can be had with the others. What is left of them is generated from the streams
 * that the code declares, and looked at by a test of its own.
 */
export const unknownKinds = ['Stream'] as const

/** What kubeconform says of each resource of a text. */
export async function validate({ kubeconform, schemas }: KubernetesTools, manifests: string): Promise<Validation[]> {
  const location = join(schemas, '{{.ResourceKind}}{{.KindSuffix}}.json')
  const args = ['-strict', '-verbose', '-output=json', `-skip=${unknownKinds.join(',')}`, '-schema-location', location]
  const child = spawn(kubeconform, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(manifests)
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')])
  return (JSON.parse(output) as { resources: Validation[] }).resources
}
