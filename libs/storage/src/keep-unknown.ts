/**
 * A document as its collection's `parse` made it of what is stored, with the fields back that `parse` left out because
 * this version does not know them. A newer version wrote them, beside which this one runs or in whose place it was put
 * again: whoever changes the document here writes them on. Nothing is added to a list whose length `parse` changed.
 */
export function keepUnknown<T>(parsed: T, stored: unknown): T {
  return merge(parsed, stored) as T
}

function merge(parsed: unknown, stored: unknown): unknown {
  if (parsed === stored) return parsed
  if (Array.isArray(parsed) && Array.isArray(stored)) {
    if (parsed.length !== stored.length) return parsed
    const merged = parsed.map((each, index) => merge(each, stored[index]))
    return merged.every((each, index) => each === parsed[index]) ? parsed : merged
  }
  if (!isObject(parsed) || !isObject(stored)) return parsed
  let changed = false
  const entries = Object.entries(parsed).map(([name, value]) => {
    const merged = Object.hasOwn(stored, name) ? merge(value, stored[name]) : value
    changed ||= merged !== value
    return [name, merged] as const
  })
  const unknown = Object.entries(stored).filter(([name]) => !Object.hasOwn(parsed, name))
  return changed || unknown.length > 0 ? Object.fromEntries([...entries, ...unknown]) : parsed
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
