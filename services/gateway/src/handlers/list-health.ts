import type {
  CommunityHealth,
  GetHealthRequest,
  GetHealthResponse,
  ListHealthRequest,
  ListHealthResponse,
} from '@annals/proto/api/v1'
import { needReasons } from '@annals/community'
import { knownCommunity } from '../check-request.ts'
import { InvalidRequestError } from '../gateway-errors.ts'
import { collectHealth, countNeeds } from '../health/collect-health.ts'
import { mayHearOf } from '../http/caller.ts'
import type { CallContext } from '../server/calls.ts'

const defaultLimit = 100
const maxLimit = 1_000
const maxSearchLength = 200

export async function listHealth(context: CallContext, request: ListHealthRequest): Promise<ListHealthResponse> {
  const { offset, limit, search, reasons } = checkList(request)
  const { rows, asOf } = await context.health.get()
  const known = rows.filter(({ health }) => mayHearOf(context.caller, health.communityId))
  const found = known.filter(({ health }) => matches(health, search, reasons))
  const page = found.slice(offset, offset + limit)
  return {
    communities: await Promise.all(page.map((row) => context.fetchedEnds.complete(row))),
    total: found.length,
    needing: countNeeds(known),
    asOf,
    ...nodeTimes(context),
  }
}

export async function getHealth(context: CallContext, request: GetHealthRequest): Promise<GetHealthResponse> {
  const { communityId } = await knownCommunity(context, request.communityId)
  const asOf = Math.floor(Date.now() / 1000)
  const [row] = await collectHealth(context, communityId)
  const health = row && (await context.fetchedEnds.complete(row))
  return { health: health && forCaller(context, health), asOf, ...nodeTimes(context) }
}

/** What is missing where is nothing for everybody: it names machines. */
function forCaller({ caller }: CallContext, row: CommunityHealth): CommunityHealth {
  if (mayHearOf(caller, row.communityId)) return row
  return { ...row, needs: row.needs.map((need) => ({ ...need, detail: '' })) }
}

function nodeTimes({ clock, config }: CallContext): { now: number; intervalSeconds: number } {
  return { now: clock.nowSeconds(), intervalSeconds: config.intervalSeconds }
}

function matches(row: CommunityHealth, search: string, reasons: readonly string[]): boolean {
  if (search !== '' && !row.name.toLowerCase().includes(search) && !row.communityId.includes(search)) return false
  return reasons.length === 0 || row.needs.some(({ reason }) => reasons.includes(reason))
}

/** @throws InvalidRequestError */
function checkList({ offset, limit, search, reasons }: ListHealthRequest): {
  offset: number
  limit: number
  search: string
  reasons: readonly string[]
} {
  if (offset < 0) throw new InvalidRequestError({ field: 'offset', description: 'must not be negative' })
  if (limit < 0 || limit > maxLimit)
    throw new InvalidRequestError({ field: 'limit', description: `must be 1 to ${maxLimit}, or 0 for ${defaultLimit}` })
  if (search.length > maxSearchLength)
    throw new InvalidRequestError({ field: 'search', description: `must have at most ${maxSearchLength} characters` })
  const unknown = reasons.findIndex((reason) => !(needReasons as readonly string[]).includes(reason))
  if (unknown >= 0)
    throw new InvalidRequestError({
      field: `reasons[${unknown}]`,
      description: `must be one of ${needReasons.join(', ')}`,
    })
  return { offset, limit: limit === 0 ? defaultLimit : limit, search: search.toLowerCase(), reasons }
}
