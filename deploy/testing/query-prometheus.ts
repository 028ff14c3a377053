import type { AskedExpression } from './asked-expressions.ts'

interface Answer {
  readonly status: string
  readonly error?: string
  readonly data?: { readonly result: readonly { readonly value: readonly [number, string] }[] }
}

const limitMilliseconds = 30_000

/** Prometheus did not take an expression. */
export class QueryRefusedError extends Error {
  override readonly name = 'QueryRefusedError'
  readonly expression: string

  constructor(expression: string, reason: string) {
    super(`Prometheus refuses ${expression}: ${reason}`)
    this.expression = expression
  }
}

/** What Prometheus answers now. Those that are no number are left out. @throws QueryRefusedError */
export async function queryPrometheus(url: string, expression: string): Promise<number[]> {
  const response = await fetch(`${url}/api/v1/query`, {
    method: 'POST',
    body: new URLSearchParams({ query: expression }),
    signal: AbortSignal.timeout(limitMilliseconds),
  })
  const { status, error = '', data } = (await response.json()) as Answer
  if (status !== 'success') throw new QueryRefusedError(expression, error)
  return (data?.result ?? []).map(({ value }) => Number(value[1])).filter((value) => !Number.isNaN(value))
}

/** Those that Prometheus answers nothing to. @throws QueryRefusedError */
export async function unanswered(url: string, asked: readonly AskedExpression[]): Promise<AskedExpression[]> {
  const silent: AskedExpression[] = []
  for (const each of asked) if ((await queryPrometheus(url, each.expression)).length === 0) silent.push(each)
  return silent
}
