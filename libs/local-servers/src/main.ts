// The servers' cache by hand: node libs/local-servers/src/main.ts install | remove-cache
import { findProgram } from './find-program.ts'
import { removeCache } from './install/remove-cache.ts'
import { waysToMongo } from './mongo/ways-to-mongo.ts'
import { openChromium } from './open-chromium.ts'
import { openKubernetesTools } from './open-kubernetes-tools.ts'
import { waysToNats } from './nats/ways-to-nats.ts'
import { openPrometheusTools } from './open-prometheus-tools.ts'
import { valueOf, variables } from './testing/environment.ts'
import type { WakuPlan } from './waku/waku-plan.ts'
import { waysToWaku } from './waku/ways-to-waku.ts'

const say = (line: string): boolean => process.stdout.write(`${line}\n`)
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(new Error('interrupted')))
const options = { signal: stop.signal, onProgress: say }

/** Of a node that is looked for and not started. */
const noPlan: WakuPlan = {
  nodeKey: '',
  clusterId: 16,
  shards: [32],
  peerPort: 0,
  advertise: '',
  peers: [],
  hasStore: true,
  leastPeers: 0,
}

const [command = ''] = process.argv.slice(2)
switch (command) {
  case 'install':
    // What can be had is fetched also where the other cannot.
    await Promise.all([
      unlessGiven(variables.natsUrl, async () => (await findProgram('NATS', waysToNats('', options))).origin),
      unlessGiven(variables.mongoUri, async () => (await findProgram('MongoDB', waysToMongo(options))).origin),
      unlessGiven(variables.wakuUrl, async () => (await findProgram('Waku', waysToWaku(noPlan, options))).origin),
      tell(async () => (await openPrometheusTools(options)).origin),
      tell(async () => (await openChromium(options)).origin),
      tell(async () => `tools for manifests, such as ${(await openKubernetesTools(options)).kustomize}`),
    ])
    break
  case 'remove-cache':
    await tell(async () => `emptied ${await removeCache(options)}`)
    break
  default:
    process.stderr.write('expected "install" or "remove-cache"\n')
    process.exitCode = 2
}

async function unlessGiven(variable: string, work: () => Promise<string>): Promise<void> {
  const address = valueOf(variable)
  await tell(address === undefined ? work : async () => `what ${variable} names`)
}

async function tell(work: () => Promise<string>): Promise<void> {
  try {
    say(await work())
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
