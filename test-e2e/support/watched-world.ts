import { visitPublicAddress } from '@annals/deploy/testing'
import type { CollectorServer, JaegerServer, LocalServer } from '@annals/local-servers'
import { choosePort, startCollector, startJaeger, startPrometheus } from '@annals/local-servers'
import { addControlled, addMember, beginning, Chronicle, sealRound, waitUntilServed, week } from './chronicle.ts'
import { ClusterWorld } from './cluster-world.ts'

const metricMilliseconds = 1_000
const firstWeeks = 2
const messagesPerWeek = 25

/** What an installation is watched by: a Collector, which hands on to a Jaeger and a Prometheus. */
export class Watchers implements AsyncDisposable {
  readonly collector: CollectorServer
  readonly jaeger: JaegerServer
  readonly prometheus: LocalServer
  readonly #stack: AsyncDisposableStack

  private constructor(
    servers: { collector: CollectorServer; jaeger: JaegerServer; prometheus: LocalServer },
    stack: AsyncDisposableStack,
  ) {
    this.collector = servers.collector
    this.jaeger = servers.jaeger
    this.prometheus = servers.prometheus
    this.#stack = stack
  }

  /** @throws ServerUnavailableError, ServerStartError */
  static async start(onProgress: (line: string) => void): Promise<Watchers> {
    await using stack = new AsyncDisposableStack()
    const jaeger = stack.use(await startJaeger({ onProgress }))
    const collector = stack.use(await startCollector({ tracesTo: jaeger.otlpAddress, onProgress }))
    const targets = [collector.metricsAddress]
    const prometheus = stack.use(await startPrometheus({ targets, scrapeMilliseconds: metricMilliseconds, onProgress }))
    return new Watchers({ collector, jaeger, prometheus }, stack.move())
  }

  /** Settings of every process that is watched. */
  get environment(): Record<string, string> {
    return {
      OTEL_EXPORTER_OTLP_ENDPOINT: this.collector.url,
      OTEL_METRIC_EXPORT_INTERVAL: String(metricMilliseconds),
      OTEL_BSP_SCHEDULE_DELAY: '200',
      // The first look comes after about a beat: within the minutes that this takes.
      ANNALS_PROBE_SECONDS: '5',
      ANNALS_FETCH_PROBE_SECONDS: '5',
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync()
  }
}

/**
 * A control node and a member, one process a service, that live through two archives and go on. The control node has a public
 * address, at which strangers come by.
 */
export class WatchedWorld implements AsyncDisposable {
  readonly communityId: string
  /** Of the newest torrent. */
  readonly infoHash: string
  readonly namespaces: readonly string[]
  readonly #stack: AsyncDisposableStack

  private constructor(
    { communityId, infoHash, namespaces }: Pick<WatchedWorld, 'communityId' | 'infoHash' | 'namespaces'>,
    stack: AsyncDisposableStack,
  ) {
    this.communityId = communityId
    this.infoHash = infoHash
    this.namespaces = namespaces
    this.#stack = stack
  }

  /** @throws ServerUnavailableError, ServerStartError */
  static async live({ environment }: Watchers): Promise<WatchedWorld> {
    await using stack = new AsyncDisposableStack()
    const world = stack.use(await ClusterWorld.create(beginning + firstWeeks * week, undefined, environment))
    const udp = { host: '127.0.0.1', port: await choosePort() }
    const place = `127.0.0.1:${await choosePort()}`
    const publicUrl = `http://${place}`
    const control = stack.use(
      world.control(1, {
        counts: { prober: 1 },
        settings: {
          ANNALS_HTTP: place,
          ANNALS_PUBLIC_URL: publicUrl,
          ANNALS_TRACKER_UDP: `${udp.host}:${udp.port}`,
          ANNALS_TOKEN: 'the-token-of-a-watched-world',
        },
      }),
    )
    const member = stack.use(world.member(1))
    const chronicle = new Chronicle(firstWeeks + 1, messagesPerWeek, firstWeeks)
    const communityId = await addControlled(control)
    await addMember(member, communityId)
    let infoHash = ''
    for (const round of [0, 1]) {
      infoHash = await sealRound(world, control, communityId, chronicle, round)
      await waitUntilServed(member, infoHash)
    }
    await visitPublicAddress({ publicUrl, udp, communityId, infoHash })
    return new WatchedWorld({ communityId, infoHash, namespaces: [control.name, member.name] }, stack.move())
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync()
  }
}
