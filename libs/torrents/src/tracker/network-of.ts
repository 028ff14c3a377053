import { isIPv4, isIPv6 } from 'node:net'

/**
 * Those who are counted as one: an IPv4 address, or the first half of an IPv6 address, of whose second half everybody has as
 * many as they like. Everything that is no address is one as well: what says it is a proxy can say anything.
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1] ?? address
  if (isIPv4(mapped)) return mapped
  const [plain = ''] = address.split('%')
  if (!isIPv6(plain)) return 'unknown'
  // The one way in which the URL standard writes it.
  const [head = '', tail = ''] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::')
  const [first, last] = [head, tail].map((part) => (part === '' ? [] : part.split(':'))) as [string[], string[]]
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => '0')
  return `${[...first, ...zeros, ...last].slice(0, 4).join(':')}::/64`
}
