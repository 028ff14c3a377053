import type { HistorySync } from '@annals/storage'
import type { StoreReport } from '@annals/waku'

type StoreAnswer = HistorySync['stores'][number]

/** So many spans are told of; the counts tell of all. */
const mostSpans = 100
const mostLetters = 300

const secondsOf = (nanoseconds: bigint): number => Number(nanoseconds / 1_000_000_000n)

/** What stores answered in an earlier try up to some place, and in this one from there on. */
export function addReports(before: readonly StoreAnswer[], reports: readonly StoreReport[]): StoreAnswer[] {
  return reports.map((report) => {
    const earlier = before.find(({ node }) => node === report.node)
    const spans = report.missingSpans.map(({ fromNanoseconds, toNanoseconds, messages }) => ({
      from: secondsOf(fromNanoseconds),
      to: secondsOf(toNanoseconds),
      messages,
    }))
    return {
      node: report.node,
      failure: describe(report.failure) || (earlier?.failure ?? ''),
      messages: (earlier?.messages ?? 0) + report.messages,
      missingMessages: (earlier?.missingMessages ?? 0) + report.missing,
      missingSpans: [...(earlier?.missingSpans ?? []), ...spans].slice(0, mostSpans),
      refusedMessages: (earlier?.refusedMessages ?? 0) + report.refused,
    }
  })
}

function describe(failure: unknown): string {
  if (failure === undefined) return ''
  return failure instanceof Error ? `${failure.name}: ${failure.message}`.slice(0, mostLetters) : 'unknown'
}
