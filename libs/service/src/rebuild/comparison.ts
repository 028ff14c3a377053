import { isDeepStrictEqual } from 'node:util'

export interface FieldDifference {
  readonly field: string
  /** What the log says; `undefined` for nothing. */
  readonly log: unknown
  /** What the row holds; `undefined` for nothing. */
  readonly there: unknown
}

/**
 * A row beside what the log says it should be.
 * - `same`
 * - `behind`: the log is further; whoever needs the row brings it up to date
 * - `ahead`: the row is further by the work in hand, whose event is published next
 * - `different`: one of the two is wrong
 */
export type Comparison =
  | { readonly kind: 'same' | 'behind' | 'ahead' }
  | { readonly kind: 'different'; readonly fields: readonly FieldDifference[] }

export function comparisonOf(fields: readonly FieldDifference[]): Comparison {
  return fields.length === 0 ? { kind: 'same' } : { kind: 'different', fields }
}

/** A row that should be there and is not, or should not be and is. */
export function wholeRow(log: unknown, there: unknown): Comparison {
  return { kind: 'different', fields: [{ field: 'row', log, there }] }
}

/** The fields of `names` in which two objects differ; a field that is absent is `undefined`. */
export function differingFields<T extends object>(
  names: readonly (keyof T & string)[],
  log: Partial<T>,
  there: Partial<T>,
  prefix = '',
): FieldDifference[] {
  return names
    .filter((name) => !isDeepStrictEqual(log[name], there[name]))
    .map((name) => ({ field: prefix + name, log: log[name], there: there[name] }))
}
