import { openKubernetesTools, type KubernetesTools } from '@annals/local-servers'
import { startOrSkip } from '@annals/local-servers/testing'
import type { TestContext } from 'vitest'
import type { Manifest } from './manifest.ts'
import { buildOverlay, manifestsIn, type Overlay } from './overlays.ts'

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

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
