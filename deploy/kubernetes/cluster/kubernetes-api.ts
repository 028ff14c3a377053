import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import type { KubernetesServer } from '@annals/local-servers'
import { RefusedByApiError, UnknownKindError } from './errors.ts'
import type { RefusalCause } from './errors.ts'
import type { Resource } from './resource.ts'

/** A kind, and where its resources are. */
export interface Kind {
  readonly apiVersion: string
  readonly kind: string
}

/** What the API server made of something, and what it warns of. */
export interface Answer<T extends Resource = Resource> {
  readonly resource: T
  readonly warnings: readonly string[]
}

export interface ApplyOptions {
  /** Judged as if it were meant, and nothing kept. */
  readonly dryRun?: boolean
  /** In whose name: fields belong to who set them. */
  readonly manager?: string
}

/** One change of a resource that is watched. */
export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'ERROR'
  readonly object: T
}

interface Status {
  readonly message?: string
  readonly reason?: string
  readonly details?: { readonly causes?: readonly RefusalCause[] }
}

interface Asked {
  readonly what: string
  readonly method: string
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: object
  readonly type?: string
}

const namespace = 'annals'
const applied = 'application/apply-patch+yaml'

/** The API of a cluster, as `kubectl` would use it; whatever has a namespace is in ours. Every field has to be known. */
export class KubernetesApi implements Disposable {
  readonly #server: KubernetesServer
  readonly #agent: Agent
  /** What the server has said it has. */
  readonly #known = new Map<string, { readonly name: string; readonly namespaced: boolean }>()

  constructor(server: KubernetesServer) {
    this.#server = server
    this.#agent = new Agent({ keepAlive: true, ca: server.certificate })
  }

  /** Server-side apply. @throws RefusedByApiError, UnknownKindError */
  async apply(manifest: Resource, { dryRun = false, manager = 'annals' }: ApplyOptions = {}): Promise<Answer> {
    const { kind, metadata } = manifest
    return this.#change({
      what: `apply ${kind} ${metadata.name}`,
      method: 'PATCH',
      path: await this.#path(manifest, metadata.name),
      query: { ...strict(dryRun), fieldManager: manager, force: 'true' },
      body: manifest,
      type: applied,
    })
  }

  /** @throws RefusedByApiError, UnknownKindError */
  async create(resource: Resource, { dryRun = false }: ApplyOptions = {}): Promise<Answer> {
    const what = `create ${resource.kind}`
    return this.#change({
      what,
      method: 'POST',
      path: await this.#path(resource),
      query: strict(dryRun),
      body: resource,
    })
  }

  /** Changes some fields. @throws RefusedByApiError */
  async merge(of: Kind, name: string, body: object): Promise<void> {
    const type = 'application/merge-patch+json'
    const path = await this.#path(of, name)
    await this.#change({ what: `change ${of.kind} ${name}`, method: 'PATCH', path, query: strict(false), body, type })
  }

  /** Says how many there are to be, as what scales does. @throws RefusedByApiError */
  async scale(of: Kind, name: string, replicas: number): Promise<void> {
    await this.#change({
      what: `scale ${of.kind} ${name}`,
      method: 'PATCH',
      path: `${await this.#path(of, name)}/scale`,
      query: { ...strict(false), fieldManager: 'scaler' },
      body: { spec: { replicas } },
      type: 'application/merge-patch+json',
    })
  }

  /** Asks a pod to go, as what empties a node does. @throws RefusedByApiError, with 429 where a budget forbids it */
  async evict(pod: string): Promise<void> {
    await this.#change({
      what: `evict ${pod}`,
      method: 'POST',
      path: `${await this.#path(pods, pod)}/eviction`,
      body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace } },
    })
  }

  /** @throws RefusedByApiError */
  async delete(of: Kind, name: string): Promise<void> {
    const path = await this.#path(of, name)
    await this.#change({
      what: `delete ${of.kind} ${name}`,
      method: 'DELETE',
      path,
      query: { propagationPolicy: 'Background' },
    })
  }

  /** All of a kind, and the state of the cluster that they are of. @throws RefusedByApiError, UnknownKindError */
  async list(of: Kind): Promise<{ readonly items: readonly Resource[]; readonly version: string }> {
    const path = await this.#path(of)
    const answer = await this.#ask({ what: `list ${of.kind}`, method: 'GET', path })
    const list = JSON.parse(await text(answer)) as { items: Resource[]; metadata: { resourceVersion: string } }
    return { items: list.items, version: list.metadata.resourceVersion }
  }

  /** What changes from a state of the cluster on, until the signal ends it. @throws RefusedByApiError; the signal's reason */
  async *watch<T extends Resource>(of: Kind, version: string, signal: AbortSignal): AsyncGenerator<WatchEvent<T>> {
    const query = { watch: '1', resourceVersion: version }
    const answer = await this.#ask(
      { what: `watch ${of.kind}`, method: 'GET', path: await this.#path(of), query },
      signal,
    )
    for await (const line of createInterface({ input: answer })) yield JSON.parse(line) as WatchEvent<T>
  }

  /** Whether the server has this kind. */
  async knows(of: Kind): Promise<boolean> {
    return this.#path(of).then(
      () => true,
      (error: unknown) => {
        if (error instanceof UnknownKindError) return false
        throw error
      },
    )
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }

  async #path({ apiVersion, kind }: Kind, name?: string): Promise<string> {
    const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
    const key = `${apiVersion} ${kind}`
    if (!this.#known.has(key)) await this.#discover(apiVersion, group)
    const found = this.#known.get(key)
    if (found === undefined) throw new UnknownKindError(apiVersion, kind)
    const folder = found.namespaced ? `${group}/namespaces/${namespace}/${found.name}` : `${group}/${found.name}`
    return name === undefined ? folder : `${folder}/${name}`
  }

  async #discover(apiVersion: string, path: string): Promise<void> {
    try {
      const answer = await this.#ask({ what: `say what is in ${apiVersion}`, method: 'GET', path })
      const { resources } = JSON.parse(await text(answer)) as {
        resources: { name: string; kind: string; namespaced: boolean }[]
      }
      for (const each of resources) if (!each.name.includes('/')) this.#known.set(`${apiVersion} ${each.kind}`, each)
    } catch (error) {
      if (!(error instanceof RefusedByApiError) || error.code !== 404) throw error
    }
  }

  async #change(asked: Asked): Promise<Answer> {
    const answer = await this.#ask(asked)
    const warnings = answer.headersDistinct['warning'] ?? []
    return { resource: JSON.parse(await text(answer)) as Resource, warnings }
  }

  async #ask({ what, method, path, query = {}, body, type }: Asked, signal?: AbortSignal): Promise<IncomingMessage> {
    const sent = request(`${this.#server.url}${path}?${new URLSearchParams(query).toString()}`, {
      method,
      agent: this.#agent,
      headers: { authorization: `Bearer ${this.#server.token}`, 'content-type': type ?? 'application/json' },
      ...(signal && { signal }),
    })
    // JSON is YAML.
    sent.end(body === undefined ? undefined : JSON.stringify(body))
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    const code = answer.statusCode ?? 0
    if (code < 300) return answer
    const said = await text(answer)
    const status = (said.startsWith('{') ? JSON.parse(said) : { message: said }) as Status
    throw new RefusedByApiError(what, code, status.reason ?? '', status.message ?? said, status.details?.causes ?? [])
  }
}

export const pods: Kind = { apiVersion: 'v1', kind: 'Pod' }

function strict(dryRun: boolean): Record<string, string> {
  return { fieldValidation: 'Strict', ...(dryRun && { dryRun: 'All' }) }
}
