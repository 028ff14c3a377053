import { networkInterfaces } from 'node:os'
import { findFolderHolder } from '@annals/sqlite'
import { addressKind } from '../../address-kind.ts'
import { defineCheck, problem, warning } from '../../check.ts'
import { tryListen, tryListenUdp } from '../../try-listen.ts'

/** Where BitTorrent peers come in. */
export const torrentPort = defineCheck({
  name: 'torrent-port',
  looksAt: 'whether the port for torrents can be listened on (with UDP where DHT is on), and who can reach it',
  seconds: 10,
  kinds: {
    taken: problem(
      'another program listens there',
      'stop that program, or choose another ANNALS_TORRENT_PORT; 0 takes any free one',
    ),
    'not-ours': problem(
      'this machine has no such address, or the system refuses',
      'correct ANNALS_TORRENT_HOST (0.0.0.0 for all addresses); ports below 1024 may need a permission',
    ),
    loopback: warning(
      'the address is loopback',
      'set ANNALS_TORRENT_HOST=0.0.0.0, unless all members run on this machine: nobody else can fetch from it',
    ),
  },
  isWanted: (context) => context.accepts('bittorrent'),
  async look({ config, usesFolder }, report) {
    const { torrentHost: host, torrentPort: port, torrentDht } = config
    const about = `${host}:${port}`
    const code = (await tryListen(host, port)) ?? (torrentDht === 'on' ? await tryListenUdp(host, port) : undefined)
    const ownNode = code === 'EADDRINUSE' && usesFolder && findFolderHolder(config.dataFolder) !== undefined
    if (code === 'EADDRINUSE' && !ownNode) report('taken', { about, found: code, expected: 'a free port' })
    else if (code !== undefined && !ownNode) report('not-ours', { about, found: code, expected: 'to listen there' })
    if (addressKind(host) === 'loopback')
      report('loopback', { about, found: 'loopback', expected: 'an address that members reach' })
    return `${about} ${ownNode ? 'is in use, by the running node as it seems' : 'can be listened on'}; ${reachText(host)}`
  },
})

function reachText(host: string): string {
  if (!isAny(host)) return `the address is ${addressKind(host)}`
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each?.map(({ address }) => address) ?? [])
  const publicOnes = addresses.filter((address) => addressKind(address) === 'public')
  return publicOnes.length > 0
    ? `public addresses: ${publicOnes.join(', ')}`
    : 'no address of this machine is public: forward the port to it if members elsewhere are to fetch from it'
}

function isAny(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}
