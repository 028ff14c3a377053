import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { KubernetesTools } from '@annals/local-servers'

interface Verdict {
  readonly kind: string
  readonly name: string
  readonly allowed: boolean
  readonly reason: string
}

/** What Pod Security `restricted` says of the pods of each workload. */
export async function judgePods({ podSecurity }: KubernetesTools, manifests: string): Promise<Verdict[]> {
  const child = spawn(podSecurity, ['-level', 'restricted'], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(manifests)
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')])
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Verdict)
}
