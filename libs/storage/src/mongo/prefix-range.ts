/** The filter for ids that start with the prefix. UTF-8, in whose order servers compare, keeps that of code points. */
export function prefixRange(prefix: string): { readonly $gte: string; readonly $lt?: string } {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0)
  while (points.at(-1) === 0x10ffff) points.pop()
  const last = points.pop()
  if (last === undefined) return { $gte: prefix }
  // The surrogates are no characters.
  const next = last === 0xd7ff ? 0xe000 : last + 1
  return { $gte: prefix, $lt: String.fromCodePoint(...points, next) }
}
