import { wakuRelays } from './waku-relays.ts'
import { wakuStores } from './waku-stores.ts'

/** The nodes of the network. */
export const wakuChecks = [wakuRelays, wakuStores]
