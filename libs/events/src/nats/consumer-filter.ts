import { isServerAtLeast, type NatsLink } from '@annals/nats'

/**
 * Filters in the words of the server. Before 2.10 a consumer has only one: the narrowest that covers all, so whoever
 * asks leaves out what comes in addition. No filter takes everything.
 */
export function consumerFilter(link: NatsLink, filters: readonly string[]): Record<string, unknown> {
  const [only] = filters
  if (only === undefined) return {}
  if (filters.length === 1) return { filter_subject: only }
  if (isServerAtLeast(link, 2, 10)) return { filter_subjects: filters }
  return { filter_subject: commonFilter(filters) }
}

function commonFilter(filters: readonly string[]): string {
  const [first = [], ...others] = filters.map((filter) => filter.split('.'))
  const differs = first.findIndex((token, index) => others.some((other) => other[index] !== token))
  if (differs === -1) return first.join('.')
  return [...first.slice(0, differs), '>'].join('.')
}

/** Whether one of the filters takes a subject. */
export function subjectFilter(filters: readonly string[]): (subject: string) => boolean {
  const split = filters.map((filter) => filter.split('.'))
  return (subject) => {
    const tokens = subject.split('.')
    return split.some((filter) => matches(tokens, filter))
  }
}

function matches(tokens: readonly string[], filter: readonly string[]): boolean {
  for (const [index, token] of filter.entries()) {
    if (token === '>') return tokens.length > index
    if (token !== '*' && token !== tokens[index]) return false
  }
  return tokens.length === filter.length
}
