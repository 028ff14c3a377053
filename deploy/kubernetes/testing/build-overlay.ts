import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openKubernetesTools, type KubernetesTools } from '@annals/local-servers'
import { startOrSkip } from '@annals/local-servers/testing'
import type { TestContext } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { Manifest } from './manifest.ts'

export const overlays = ['single', 'production'] as const
export type Overlay = (typeof overlays)[number]

const run = promisify(execFile)
const folder = join(import.meta.dirname, '..', '..', '..', 'k8s', 'overlays')

/** The overlays as `kubectl apply -k` would apply them, each built once for the tests of a file. */
export class BuiltOverlays {
  readonly #texts = new Map<Overlay, Promise<string>>()

  tools(test: TestContext): Promise<KubernetesTools> {
    return startOrSkip(test, () => openKubernetesTools({ onProgress: say }))
  }

  async text(test: TestContext, overlay: Overlay): Promise<string> {
    const { kustomize } = await this.tools(test)
    const text = this.#texts.get(overlay) ?? buildOverlay(kustomize, overlay)
    this.#texts.set(overlay, text)
    return text
  }

  async manifests(test: TestContext, overlay: Overlay): Promise<Manifest[]> {
    return manifestsIn(await this.text(test, overlay))
  }
}

/** What `kubectl apply -k` would send. */
export async function buildOverlay(kustomize: string, overlay: Overlay): Promise<string> {
  return (await run(kustomize, ['build', join(folder, overlay)], { maxBuffer: 1e8 })).stdout
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

export function manifestsIn(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest)
}
