import { randomBytes } from 'node:crypto'
import { choosePort } from './choose-port.ts'
import { ServerNotOursError } from './errors.ts'
import { startFaultProxy } from './fault-proxy/start-fault-proxy.ts'
import type { FaultProxy } from './fault-proxy/start-fault-proxy.ts'
import { findProgram } from './find-program.ts'
import type { LocalServer, StartOptions } from './local-server.ts'
import { openLocalServer } from './open-local-server.ts'
import type { ServerKind } from './server-program.ts'
import { useGivenServer } from './use-given-server.ts'
import { wakuAddresses, wakuAnswers } from './waku/waku-answers.ts'
import type { WakuPlan } from './waku/waku-plan.ts'
import { waysToWaku } from './waku/ways-to-waku.ts'

export interface StartWakuOptions extends StartOptions {
  /** 16 where absent. */
  readonly clusterId?: number
  /** The shards that it relays; 32 alone where absent. */
  readonly shards?: readonly number[]
  /** Multiaddrs of the nodes that it dials, and dials again when a link is lost; none where absent. */
  readonly peers?: readonly string[]
  /** Whether it keeps what it relays; true where absent. */
  readonly hasStore?: boolean
  /**
   * Peers without which it takes no message; none needed where absent, so a node whose links are dead takes messages that
   * nobody hears. nwaku decides by itself.
   */
  readonly leastPeers?: number
}

/** A Waku node; `url` is its REST interface. */
export interface WakuServer extends LocalServer {
  /** What other nodes dial; the same after a restart. @throws ServerNotOursError where the address was given */
  readonly multiaddr: string
  /** Stands before it: everything between it and those that dial it goes through. @throws ServerNotOursError as above */
  readonly link: FaultProxy
}

const waku: ServerKind = { name: 'Waku', scheme: 'http', answers: wakuAnswers }

/**
 * Starts a Waku node on loopback: relay, lightpush, and a store where it is to have one. It does not outlive this process.
 * @throws ServerUnavailableError, ServerStartError, ServerNotOursError; the signal's reason
 */
export async function startWaku(options: StartWakuOptions = {}): Promise<WakuServer> {
  const { address, clusterId = 16, shards = [32], peers = [], hasStore = true, leastPeers = 0 } = options
  if (address !== undefined) return givenWaku(address, options)
  await using opened = new AsyncDisposableStack()
  const peerPort = await choosePort()
  const link = opened.use(await startFaultProxy({ host: '127.0.0.1', port: peerPort }))
  const nodeKey = randomBytes(32).toString('hex')
  const advertise = `/ip4/${link.address.host}/tcp/${link.address.port}`
  const plan: WakuPlan = { nodeKey, clusterId, shards, peerPort, advertise, peers, hasStore, leastPeers }
  const program = await findProgram(waku.name, waysToWaku(plan, options))
  const server = opened.use(await openLocalServer(waku, program, options))
  const peerId = (await wakuAddresses(server.url)).join().match(/\/p2p\/(\w+)/)?.[1] ?? ''
  const owned = opened.move()
  return {
    url: server.url,
    origin: server.origin,
    folder: server.folder,
    multiaddr: `${advertise}/p2p/${peerId}`,
    link,
    kill: () => server.kill(),
    stop: () => server.stop(),
    start: () => server.start(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function givenWaku(address: string, options: StartWakuOptions): WakuServer {
  const configuration = options.peers?.join('\n') ?? ''
  return Object.defineProperties(useGivenServer(waku, address, { ...options, configuration }), {
    multiaddr: { get: () => refuse(address, 'dial') },
    link: { get: () => refuse(address, 'cut the link of') },
  }) as WakuServer
}

function refuse(address: string, operation: string): never {
  throw new ServerNotOursError(address, operation)
}
