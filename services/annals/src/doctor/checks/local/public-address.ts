import { AddressUnavailableError, InvalidAddressError, servesHttp } from '@annals/gateway'
import { ownTrackers, ownWebSeeds } from '@annals/service'
import { call } from '../../../client/call.ts'
import { connect } from '../../../client/connect.ts'
import { NodeError, NodeUnreachableError } from '../../../cli-errors.ts'
import { addressKind } from '../../address-kind.ts'
import { askGateway, isServed, takesWebSocket } from '../../ask-gateway.ts'
import { defineCheck, problem, warning } from '../../check.ts'
import type { DoctorContext } from '../../doctor-context.ts'

/** Where magnet links send those who read. */
export const publicAddress = defineCheck({
  name: 'public-address',
  looksAt: 'whether ANNALS_PUBLIC_URL leads to the gateway, for pages, web seed and tracker; no token is sent there',
  seconds: 30,
  kinds: {
    'no-http': problem(
      'a public address is set, and HTTP is served nowhere',
      'set ANNALS_HTTP, or leave ANNALS_PUBLIC_URL empty: magnet links name a web seed and a tracker that nobody serves',
    ),
    loopback: warning(
      'the address is loopback',
      'set ANNALS_PUBLIC_URL to an address that others reach, unless all who read are on this machine',
    ),
    plain: warning(
      'the address begins with http and is not of a private network',
      'put a proxy with a certificate before ANNALS_HTTP, and name it with https: tokens travel readable, and pages with https open no such tracker',
    ),
    unresolved: problem(
      'the name does not resolve',
      'correct ANNALS_PUBLIC_URL, or give the name an address in DNS; from here it may be looked up elsewhere than from outside',
    ),
    unreachable: warning(
      'nobody answers there, as seen from here',
      'look from elsewhere (docs/operate.md): network policies forbid it to pods, and some routers do not lead back inside. If nobody answers there either: the proxy, its port, firewalls',
    ),
    certificate: problem(
      'the certificate does not hold',
      'give the proxy a certificate for this name that has not run out; NODE_EXTRA_CA_CERTS names an authority of your own',
    ),
    'foreign-host': problem(
      'a gateway answers, and does not know the name that it is asked by',
      'give every gateway this ANNALS_PUBLIC_URL, and let the proxy hand the Host header on',
    ),
    strange: problem(
      'what answers is no gateway',
      'let the proxy lead all paths to ANNALS_HTTP without redirection, or correct ANNALS_PUBLIC_URL',
    ),
    other: problem(
      'a gateway answers, and lacks a torrent that is seeded here',
      'correct ANNALS_PUBLIC_URL, or where its name leads: it is the gateway of another installation',
    ),
    'no-websocket': problem(
      'no WebSocket can be opened at /announce',
      'let the proxy hand on upgrades of connections: without them browsers find no seeder',
    ),
  },
  isWanted: (context) => context.accepts('http') && context.config.publicUrl !== '',
  async look(context, report, signal) {
    const { config } = context
    const { publicUrl: about } = config
    if (!servesHttp(config)) {
      report('no-http', { about, found: 'an empty ANNALS_HTTP', expected: 'host:port' })
      return ''
    }
    const { hostname, protocol } = new URL(about)
    const kind = addressKind(hostname.replace(/^\[(.*)\]$/, '$1'))
    if (kind === 'loopback') report('loopback', { about, found: kind, expected: 'an address that others reach' })
    else if (protocol === 'http:' && kind !== 'private') report('plain', { about, found: 'http', expected: 'https' })
    const answer = await askGateway(about, signal)
    if (answer.kind === 'silent')
      report('unreachable', { about, found: answer.found, expected: 'the answer of a gateway' })
    else if (answer.kind !== 'gateway')
      report(answer.kind, { about, found: answer.found, expected: 'the answer of a gateway' })
    else if (answer.reason === 'HOST_UNKNOWN')
      report('foreign-host', { about, found: answer.reason, expected: 'a gateway that knows this name' })
    else return lookBehind(context, report, signal)
    return ''
  },
})

/** Whether the gateway is one of this installation, and all of it is reached. */
async function lookBehind(
  context: DoctorContext,
  report: (kind: 'other' | 'no-websocket', finding: { about: string; found: string; expected: string }) => void,
  signal: AbortSignal,
): Promise<string> {
  const { publicUrl } = context.config
  const seeded = await seededHere(context)
  if (seeded !== undefined) {
    const [seed = ''] = ownWebSeeds(context.config, seeded.infoHash)
    const about = `${seed}${seeded.communityId}/index`
    if (!(await isServed(about, signal)))
      report('other', { about, found: 'nothing', expected: 'a file of the torrent' })
  }
  const [about = ''] = ownTrackers(context.config)
  if (!(await takesWebSocket(about, signal)))
    report('no-websocket', { about, found: 'no upgrade', expected: 'a WebSocket' })
  return seeded === undefined
    ? `a gateway answers at ${publicUrl}; nothing is seeded yet by which it could be told from another one`
    : `the gateway of this installation answers at ${publicUrl}, with web seed and tracker`
}

const callSeconds = 5

/** Some torrent that is served; nothing where no node says so. */
async function seededHere({
  config,
}: DoctorContext): Promise<{ readonly communityId: string; readonly infoHash: string } | undefined> {
  const address = config.grpcAddress.replace(/^(0\.0\.0\.0|\[::\]):/, 'localhost:')
  try {
    using client = connect({ address, token: config.grpcToken, config })
    const request = { search: '', reasons: [], offset: 0, limit: 1_000 }
    const { communities } = await call(client, client.api.listHealth, request, callSeconds)
    const found = communities.find(({ seeders, announcedInfoHash }) => seeders > 0 && announcedInfoHash !== '')
    return found && { communityId: found.communityId, infoHash: found.announcedInfoHash }
  } catch (error) {
    // What is wrong with it, the check of the gRPC address tells.
    if (isToldElsewhere(error)) return undefined
    throw error
  }
}

function isToldElsewhere(error: unknown): boolean {
  return [NodeError, NodeUnreachableError, AddressUnavailableError, InvalidAddressError].some(
    (kind) => error instanceof kind,
  )
}
