import { BlockList, isIP } from 'node:net'

/** Who can reach an address: this machine, its networks, everybody. A name is not looked up. */
export type AddressKind = 'loopback' | 'private' | 'public' | 'a name'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

/** Private, shared (RFC 6598), link-local, unique local, for documentation, unspecified. */
const notPublic = new BlockList()
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
] as const)
  notPublic.addSubnet(net, prefix)
for (const [net, prefix] of [
  ['::', 128],
  ['2001:db8::', 32],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  notPublic.addSubnet(net, prefix, 'ipv6')

export function addressKind(address: string): AddressKind {
  const version = isIP(address)
  if (version === 0) return address === 'localhost' ? 'loopback' : 'a name'
  const family = version === 4 ? 'ipv4' : 'ipv6'
  if (loopback.check(address, family)) return 'loopback'
  return notPublic.check(address, family) ? 'private' : 'public'
}
