/** Something that a person is to be told of. */
export interface Alert {
  /** The name of its page in docs/runbooks, too. */
  readonly name: `Annals${string}`
  /** `critical`: somebody is to be woken; members lose something. `warning`: somebody is to look in the next days. */
  readonly severity: 'critical' | 'warning'
  /** What is looked at. */
  readonly value: string
  /** What of it is wrong: a comparison, or nothing where any answer is. */
  readonly isWrong: `${'>' | '>=' | '<'} ${number}` | ''
  /** So long it must be wrong: shorter is usual. */
  readonly forMinutes: number
  /** One line; `{{ $labels.… }}` and `{{ $value }}` stand for what they say. */
  readonly summary: string
  /** Why `value` answers nothing while all is well, where it does. */
  readonly silentBecause?: string
  readonly cases: readonly AlertCase[]
}

/** What promtool is to see: at which series the alert fires, and at which it does not. */
export interface AlertCase {
  readonly name: string
  /** Values a minute apart, in promtool's notation, by series. */
  readonly series: Readonly<Record<string, string>>
  readonly atMinutes: number
  /** The alert as it is to be told; absent where it must not fire. */
  readonly fires?: { readonly labels?: Readonly<Record<string, string>>; readonly summary: string }
}

/** What Prometheus evaluates. */
export function expressionOf({ value, isWrong }: Alert): string {
  return isWrong === '' ? value : `${value} ${isWrong}`
}

/** Where its page is, from the root of the repository. */
export function runbookOf({ name }: Alert): string {
  return `docs/runbooks/${name}.md`
}
