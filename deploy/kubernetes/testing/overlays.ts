import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseAllDocuments } from 'yaml'
import type { Manifest } from './manifest.ts'

export const overlays = ['single', 'production'] as const
export type Overlay = (typeof overlays)[number]

const run = promisify(execFile)
const folder = join(import.meta.dirname, '..', '..', '..', 'k8s', 'overlays')

/** An overlay's resources as YAML, as `kubectl apply -k` would apply them. */
export async function buildOverlay(kustomize: string, overlay: Overlay): Promise<string> {
  return (await run(kustomize, ['build', join(folder, overlay)], { maxBuffer: 1e8 })).stdout
}

export function manifestsIn(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest)
}
