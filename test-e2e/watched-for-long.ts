// The whole system on real servers, watched by a real Collector, Jaeger and Prometheus, by hand: node test-e2e/watched-for-long.ts
// One query finds the way of each archive; every expression of dashboards and alerts is evaluated on live metrics, and every search
// of dashboards for traces is made.
// Ends with exit code 1 where a span, an answer or a trace is missing.
import type { AskedExpression } from '@annals/deploy/testing'
import { askedExpressions, askedTraces, unanswered } from '@annals/deploy/testing'
import type { ReceivedSpan } from '@annals/telemetry/testing'
import { archiveWay, orphansOf, stepsOf, wayBegins } from './support/archive-way.ts'
import { findSpans } from './support/jaeger-traces.ts'
import { untilNone } from './support/until-none.ts'
import { WatchedWorld, Watchers } from './support/watched-world.ts'

const limitMilliseconds = 180_000

/** What an expression that answers nothing may be about, and why nobody tells it here. */
const untold: Readonly<Record<string, string>> = {
  annals_announcement_refused_total: 'no announcement is refused',
  annals_collect_messages_total: 'there are no Waku nodes',
  annals_store_missing_total: 'there are no Waku nodes',
  annals_store_unanswered_total: 'there are no Waku nodes',
  'error_type!=""': 'no handling fails',
}

const say = (line: string): boolean => process.stdout.write(`${line}\n`)

await using watchers = await Watchers.start(say)
say([watchers.jaeger, watchers.collector, watchers.prometheus].map(({ origin }) => origin).join(', '))
await using world = await WatchedWorld.live(watchers)

const archives = await untilNone(missingSteps, limitMilliseconds)
const silent = await untilNone(unansweredWithoutReason, limitMilliseconds)
const unfound = await untilNone(searchesThatFindNothing, limitMilliseconds)
const blind = await stepsThatNobodyMisses()
for (const line of [...archives, ...silent, ...unfound, ...blind]) say(line)
await sum()
process.exitCode = archives.length + silent.length + unfound.length + blind.length === 0 ? 0 : 1

function archiveSpans(): Promise<ReceivedSpan[]> {
  const attributes = { 'annals.event.name': 'ArchiveDue', 'annals.community.id': world.communityId }
  return findSpans(watchers.jaeger.url, { service: 'annals-scheduler', attributes })
}

/** What the traces of archives lack. */
async function missingSteps(): Promise<string[]> {
  return judge(await archiveSpans())
}

function judge(spans: readonly ReceivedSpan[]): string[] {
  const begun = spans.filter(({ name }) => name.replace(/^publish \w+\./, 'publish annals.') === wayBegins)
  const traceIds = new Set(begun.map(({ traceId }) => traceId))
  const few = traceIds.size === 2 ? [] : [`MISSING traces of archives: ${traceIds.size} of 2 found`]
  const lacking = [...traceIds].flatMap((traceId) => {
    const steps = new Set(stepsOf(spans, traceId, [...world.namespaces]).map((step) => step.join(': ')))
    return archiveWay
      .map((step) => step.join(': '))
      .flatMap((step) => (steps.has(step) ? [] : `MISSING in ${traceId}: ${step}`))
  })
  return [...few, ...lacking, ...orphansOf(spans).map(({ name }) => `LOST ${name}: its parent is in no trace`)]
}

/** Steps without which the way would be judged whole. There must be none. */
async function stepsThatNobodyMisses(): Promise<string[]> {
  const spans = await archiveSpans()
  return archiveWay.flatMap(([service, step]) => {
    const [operation, name = ''] = step.split(/ (?:annals\.events\.)?/)
    const others = spans.filter(
      (span) =>
        span.resource['annals.service'] !== service ||
        !(span.name.startsWith(`${operation} `) && span.name.endsWith(name)),
    )
    return judge(others).length === 0 ? [`BLIND to ${service}: ${step}`] : []
  })
}

async function unansweredWithoutReason(): Promise<string[]> {
  return (await unansweredNow())
    .filter((each) => reasonOf(each) === undefined)
    .map((each) => `UNANSWERED ${each.of}: ${each.expression}`)
}

/** What dashboards look for in Jaeger and do not find. */
async function searchesThatFindNothing(): Promise<string[]> {
  const lines: string[] = []
  for (const { of, ...query } of askedTraces(world.communityId, world.infoHash)) {
    // Nothing is announced again within minutes.
    const isFound = query.span === 'repeat announcement' || (await findSpans(watchers.jaeger.url, query)).length > 0
    if (!isFound) lines.push(`NOT FOUND ${of}: ${JSON.stringify(query)}`)
  }
  return lines
}

function unansweredNow(): Promise<AskedExpression[]> {
  return unanswered(watchers.prometheus.url, askedExpressions(world.communityId))
}

function reasonOf({ expression, silentBecause }: AskedExpression): string | undefined {
  return silentBecause ?? Object.entries(untold).find(([about]) => expression.includes(about))?.[1]
}

/** Says what was seen, and what was not and why. */
async function sum(): Promise<void> {
  const spans = await archiveSpans()
  say(`${new Set(spans.map(({ traceId }) => traceId)).size} traces of ${spans.length} spans`)
  const missing = await unansweredNow()
  const asked = askedExpressions(world.communityId).length
  say(`${asked - missing.length} of ${asked} expressions are answered; the others are not:`)
  for (const each of missing) say(`- ${each.of}, as ${reasonOf(each) ?? 'NOBODY KNOWS WHY'}: ${each.expression}`)
}
