import type { Manifest } from '../testing/manifest.ts'
import { barePods } from './bare-pods.ts'
import { brokenManifests, brokenPods } from './broken.ts'
import type { Broken } from './broken.ts'
import type { DeployedOverlay } from './deployed-overlay.ts'
import { NotRefusedError, RefusedByApiError, UnknownKindError } from './errors.ts'
import type { KubernetesApi } from './kubernetes-api.ts'

/** What is wrong with manifests is refused, each for its own reason. @throws NotRefusedError */
export async function refuseBroken(deployed: DeployedOverlay): Promise<void> {
  const { api, overlay, say } = deployed
  const all = [...brokenManifests(deployed.manifests), ...brokenPods(deployed.manifests)]
  for (const broken of all) await refuse(api, broken)
  say(`${overlay}: ${all.length} broken manifests and pods are refused, each for its own reason:`)
  for (const { what, as, refusal } of all) say(`  - ${what}, ${as}: ${refusal.code} ${refusal.reason} ${refusal.names}`)
}

/** That the check can fail: what is whole counts as let in. @throws Error where it does not */
export async function noticeWhatIsLetIn({ api, manifests, overlay, say }: DeployedOverlay): Promise<void> {
  const refusal = { code: 0, reason: '', names: '' }
  const whole: Broken[] = [
    ...manifests.map((resource) => ({ what: resource.kind, resource, as: 'applied' as const, refusal })),
    ...barePods(manifests).map((resource) => ({ what: 'Pod', resource, as: 'created' as const, refusal })),
  ]
  for (const each of whole) {
    const isNoticed = await refuse(api, each).then(
      () => false,
      (error: unknown) => error instanceof NotRefusedError,
    )
    if (!isNoticed) throw new Error(`${each.what} ${each.resource.metadata.name} is whole, and taken for refused`)
  }
  say(`${overlay}: and the check notices when nothing is refused`)
}

/** The kinds that the server does not have are refused as such. @returns which these are */
export async function refuseUnknownKinds({ api, manifests }: DeployedOverlay): Promise<string[]> {
  const unknown = new Set<string>()
  for (const manifest of manifests)
    if (!(await api.knows(manifest))) {
      unknown.add(manifest.kind)
      await refuseKind(api, manifest)
    }
  return [...unknown].toSorted()
}

async function refuseKind(api: KubernetesApi, manifest: Manifest): Promise<void> {
  try {
    await api.apply(manifest, { dryRun: true })
  } catch (error) {
    if (error instanceof UnknownKindError && error.kind === manifest.kind) return
    throw error
  }
  throw new NotRefusedError(`${manifest.kind}, which the server does not have`)
}

async function refuse(api: KubernetesApi, { what, resource, as, refusal }: Broken): Promise<void> {
  try {
    await (as === 'created' ? api.create(resource, { dryRun: true }) : api.apply(resource, { dryRun: true }))
  } catch (error) {
    if (!(error instanceof RefusedByApiError)) throw error
    const { code, reason, causes, message } = error
    const isNamed = causes.some(({ field }) => field === refusal.names) || message.includes(refusal.names)
    if (code === refusal.code && reason === refusal.reason && isNamed) return
    throw new Error(`${what} is refused, but not as ${JSON.stringify(refusal)}`, { cause: error })
  }
  throw new NotRefusedError(what)
}
