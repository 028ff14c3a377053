import type { CommunityHealth } from '@annals/proto/api/v1'
import type { StateStore } from '@annals/storage'
import { catalogues } from '@annals/storage'
import type { HealthRow } from './collect-health.ts'

/**
 * Up to when the archives reach that members have fetched. Only the catalogue says so, which is long: it is read once a
 * generation, and only of communities that somebody looks at.
 */
export class FetchedEnds {
  readonly #state: StateStore
  /** By community: of which generation, and its end. */
  readonly #known = new Map<string, { readonly generation: number; readonly end: number | undefined }>()

  constructor(state: StateStore) {
    this.#state = state
  }

  /** What the schedule says of control nodes, it does not say of members. */
  async complete({ health, generation }: HealthRow): Promise<CommunityHealth> {
    if (health.controlNode || generation === undefined) return health
    const sealedThrough = await this.#endOf(health.communityId, generation)
    return sealedThrough === undefined ? health : { ...health, sealedThrough }
  }

  async #endOf(communityId: string, generation: number): Promise<number | undefined> {
    const known = this.#known.get(communityId)
    if (known?.generation === generation) return known.end
    const archives = (await this.#state.collection(catalogues).get(communityId))?.value.archives ?? []
    const end = archives.reduce<number | undefined>((last, { to }) => Math.max(last ?? to, to), undefined)
    this.#known.set(communityId, { generation, end })
    return end
  }
}
