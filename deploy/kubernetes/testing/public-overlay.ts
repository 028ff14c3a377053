import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { parse, stringify } from 'yaml'
import type { Overlay } from './overlays.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..', '..', '..')

/** What an operator says in an overlay of their own. */
export type PublicSettings = Readonly<Record<string, string>>

/** What each overlay needs to be reached from outside. */
export const publicSettings = {
  single: { ANNALS_PUBLIC_URL: 'https://annals.example' },
  production: {
    ANNALS_PUBLIC_URL: 'https://annals.example',
    ANNALS_PUBLIC_TRACKER_UDP: 'tracker.annals.example:6969',
  },
} as const satisfies Record<Overlay, PublicSettings>

interface OwnOverlay {
  readonly resources: readonly string[]
  readonly transformers: readonly string[]
  readonly configMapGenerator: readonly object[]
}

export interface PublicOverlayOptions {
  readonly settings?: PublicSettings
  /** Without the lines of `docs/operate.md` that bring the name into the manifests. */
  readonly withoutTransformers?: boolean
}

/**
 * An overlay under a public address, as `docs/operate.md` shows it to operators: an overlay of their own, around one of ours.
 * @throws the error of kustomize, with what it said in `stderr`
 */
export async function buildPublicOverlay(
  kustomize: string,
  overlay: Overlay,
  { settings = publicSettings[overlay], withoutTransformers = false }: PublicOverlayOptions = {},
): Promise<string> {
  const shown = await shownOverlay()
  const folder = await mkdtemp(join(tmpdir(), 'annals-overlay-'))
  const here = (place: string): string =>
    relative(folder, place.replace('github.com/…', root).replace('overlays/single', `overlays/${overlay}`))
  const literals = Object.entries(settings).map(([variable, value]) => `${variable}=${value}`)
  const own: Partial<OwnOverlay> = {
    resources: shown.resources.map(here),
    ...(!withoutTransformers && { transformers: shown.transformers.map(here) }),
    configMapGenerator: shown.configMapGenerator.map((each) => ({ ...each, literals })),
  }
  try {
    await writeFile(join(folder, 'kustomization.yaml'), stringify(own))
    return (await run(kustomize, ['build', folder], { maxBuffer: 1e8 })).stdout
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function shownOverlay(): Promise<OwnOverlay> {
  const page = await readFile(join(root, 'docs', 'operate.md'), 'utf8')
  const blocks = [...page.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text = '']) => parse(text) as Partial<OwnOverlay>)
  const found = blocks.find(({ transformers }) => transformers !== undefined)
  if (found === undefined) throw new Error('docs/operate.md shows no overlay with a public address')
  return found as OwnOverlay
}
