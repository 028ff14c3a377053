import type { Membership } from './membership.ts'
import { rankOwners } from './rank-owners.ts'

/** How communities are shared out among the members of a service. */
export class Share {
  readonly #membership: Membership
  readonly #count: number

  /** @param count how many members take care of each community, where so many are at work */
  constructor(membership: Membership, count: number) {
    this.#membership = membership
    this.#count = count
  }

  /** Those who take care of a community now. */
  owners(communityId: string): string[] {
    return rankOwners(communityId, this.#membership.live(), this.#count)
  }

  isMember(instance: string): boolean {
    return this.#membership.live().includes(instance)
  }

  isMine(communityId: string): boolean {
    return this.owners(communityId).includes(this.#membership.self)
  }
}
