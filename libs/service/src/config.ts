import { isPeer } from '@annals/archive'
import { samplerNames } from '@annals/telemetry'
import { z } from 'zod'
import { address, list, networks, origin, pairs, pairsForm, wakuNodes, wholeNumber } from './setting-forms.ts'

/** `ANNALS_CHANNEL` where announcements travel over Waku. */
export const wakuChannel = 'waku'

interface Setting<T> {
  readonly variable: string
  readonly default: string
  readonly expects: string
  readonly schema: z.ZodType<T, string>
  /** Never shown, not even where it is wrong. */
  readonly secret: boolean
}

function setting<T>(
  variable: string,
  fallback: string,
  expects: string,
  schema: z.ZodType<T, string>,
  { secret = false } = {},
): Setting<T> {
  return { variable, default: fallback, expects, schema, secret }
}

const text = z.string().min(1)
const exporter = z.enum(['otlp', 'none'])

/** Every setting of Annals: the variable it comes from, its default, its form. The environment is read nowhere else. */
export const settings = {
  dataFolder: setting('ANNALS_DATA', '.annals', 'a folder', text),
  intervalSeconds: setting('ANNALS_INTERVAL_SECONDS', '604800', 'whole seconds, 1 or more', wholeNumber(1, 1e9)),
  clock: setting(
    'ANNALS_CLOCK',
    'system',
    '"system", or "file:" and the path of a file that holds Unix seconds',
    z.string().regex(/^(system|file:.+)$/),
  ),
  natsUrl: setting(
    'NATS_URL',
    '',
    'addresses of NATS servers separated by commas, such as nats://host:4222; empty for the embedded event log',
    list.pipe(z.array(z.url({ protocol: /^(nats|tls|wss?)$/ }))).transform((urls) => urls.join(',')),
    { secret: true },
  ),
  natsCredentials: setting(
    'NATS_CREDENTIALS',
    '',
    'a credentials file of NATS; empty where NATS_URL says who one is, or nobody asks',
    z.string().regex(/^[^\0]*$/),
  ),
  natsInboxPrefix: setting(
    'NATS_INBOX_PREFIX',
    '_INBOX',
    'letters, digits, hyphens and underscores, at most 64: what the inboxes of this NATS user begin with',
    z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  ),
  mongodbUri: setting(
    'MONGODB_URI',
    '',
    'the address of a MongoDB, such as mongodb://host:27017; empty for the embedded stores',
    z.string().regex(/^$|^mongodb(\+srv)?:\/\/\S+$/),
    { secret: true },
  ),
  namespace: setting(
    'ANNALS_NAMESPACE',
    'annals',
    'lower-case letters, digits and hyphens, at most 30: what this installation goes by in NATS and MongoDB',
    z.string().regex(/^[a-z][a-z0-9-]{0,29}$/),
  ),
  instance: setting(
    'ANNALS_INSTANCE',
    '',
    'letters, digits and hyphens, at most 60, the same after a restart; empty for one made up and kept in the data folder',
    z.string().regex(/^[A-Za-z0-9-]{0,60}$/),
  ),
  streamReplicas: setting('ANNALS_STREAM_REPLICAS', '1', 'servers that keep each event, 1 to 5', wholeNumber(1, 5)),
  seedReplicas: setting(
    'ANNALS_SEED_REPLICAS',
    '2',
    'seeders that serve each community, 1 or more',
    wholeNumber(1, 100),
  ),
  takeOverSeconds: setting(
    'ANNALS_TAKE_OVER_SECONDS',
    '10',
    'whole seconds, 2 or more, without a sign of life before the work of a process is given to others',
    wholeNumber(2, 3_600),
  ),
  drainSeconds: setting(
    'ANNALS_DRAIN_SECONDS',
    '15',
    'whole seconds, 1 or more, for finishing what is under way when told to stop',
    wholeNumber(1, 3_600),
  ),
  channel: setting(
    'ANNALS_CHANNEL',
    '',
    'a folder that the nodes of this machine share, "nats:" and a name, or "waku"; empty for the one of the installation',
    z.string().regex(/^(?!nats:(?![a-z][a-z0-9-]{0,29}$))[^\0]*$/),
  ),
  announceChannels: setting(
    'ANNALS_ANNOUNCE_CHANNELS',
    'magnetlinks',
    'channel names separated by commas, such as "magnetlinks,memberUpdate"',
    list.pipe(z.array(z.string().regex(/^[\w-]+$/)).min(1)),
  ),
  repeatSeconds: setting(
    'ANNALS_REPEAT_SECONDS',
    '86400',
    'whole seconds after which the newest archive is announced once more; 0 for never',
    wholeNumber(0, 1e9),
  ),
  probeSeconds: setting(
    'ANNALS_PROBE_SECONDS',
    '3600',
    'whole seconds between two looks whether members who come now find the announcement, which else goes out again; 0 for none',
    wholeNumber(0, 1e9),
  ),
  fetchProbeSeconds: setting(
    'ANNALS_FETCH_PROBE_SECONDS',
    '21600',
    'whole seconds between two looks whether the newest archive can be fetched by somebody who has its magnet link alone; 0 for none',
    wholeNumber(0, 1e9),
  ),
  wakuRelays: setting(
    'ANNALS_WAKU_RELAYS',
    '',
    'addresses of REST interfaces of Waku nodes separated by commas, such as http://host:8645, which no other process drains',
    wakuNodes,
    { secret: true },
  ),
  wakuStores: setting(
    'ANNALS_WAKU_STORES',
    '',
    'addresses of REST interfaces of Waku nodes with a store, separated by commas; empty where there is no Waku',
    wakuNodes,
    { secret: true },
  ),
  wakuCluster: setting('ANNALS_WAKU_CLUSTER', '16', 'the number of a Waku cluster, 0 to 65535', wholeNumber(0, 65_535)),
  wakuShard: setting('ANNALS_WAKU_SHARD', '32', 'the number of a shard, 0 to 65535', wholeNumber(0, 65_535)),
  wakuPublish: setting('ANNALS_WAKU_PUBLISH', 'relay', '"relay" or "lightpush"', z.enum(['relay', 'lightpush'])),
  wakuCatchUpSeconds: setting(
    'ANNALS_WAKU_CATCH_UP_SECONDS',
    '300',
    'whole seconds, 1 or more, between two looks into the stores for what the relays did not bring',
    wholeNumber(1, 86_400),
  ),
  wakuStoreSeconds: setting(
    'ANNALS_WAKU_STORE_SECONDS',
    '120',
    'whole seconds, 1 or more, that a history sync waits for one store',
    wholeNumber(1, 86_400),
  ),
  wakuGiveUpSeconds: setting(
    'ANNALS_WAKU_GIVE_UP_SECONDS',
    '1800',
    'whole seconds after which a history sync that no store answers is taken as done',
    wholeNumber(0, 1e9),
  ),
  trackers: setting(
    'ANNALS_TRACKERS',
    'udp://tracker.opentrackr.org:1337/announce,udp://tracker.openbittorrent.com:6969/announce',
    'tracker addresses separated by commas; empty for none',
    list.pipe(z.array(z.url({ protocol: /^(udp|https?|wss?)$/ }))),
  ),
  peers: setting(
    'ANNALS_PEERS',
    '',
    'host:port of seeders as others reach them, separated by commas, for magnet links; empty for none',
    list.pipe(z.array(z.string().refine(isPeer)).max(20)),
  ),
  torrentHost: setting('ANNALS_TORRENT_HOST', '0.0.0.0', 'an address to listen on', text),
  torrentPort: setting('ANNALS_TORRENT_PORT', '0', 'a port, 0 for any free one', wholeNumber(0, 65_535)),
  torrentDht: setting('ANNALS_TORRENT_DHT', 'on', '"on" or "off"', z.enum(['on', 'off'])),
  torrentWebRtc: setting(
    'ANNALS_TORRENT_WEBRTC',
    'on',
    '"on" or "off": whether browsers are taken as peers, which ask for it at trackers over WebSocket',
    z.enum(['on', 'off']),
  ),
  torrentWebRtcPeers: setting(
    'ANNALS_TORRENT_WEBRTC_PEERS',
    '100',
    'browsers that one process takes as peers at once, 1 to 1000',
    wholeNumber(1, 1_000),
  ),
  iceServers: setting(
    'ANNALS_ICE_SERVERS',
    '',
    'STUN servers by which a seeder behind a router learns its address for browsers, such as stun:host:3478, separated by commas; empty for none',
    list.pipe(z.array(z.string().regex(/^stuns?:[\w.[\]:-]{1,260}$/)).max(5)),
  ),
  announceTo: setting(
    'ANNALS_ANNOUNCE_TO',
    '',
    'tracker addresses separated by commas that seeders announce to beside those of the magnet links, such as ws://gateway:8080/announce; empty for none',
    list.pipe(z.array(z.url({ protocol: /^(udp|https?|wss?)$/ }))),
  ),
  fetchStallSeconds: setting('ANNALS_FETCH_STALL_SECONDS', '60', 'whole seconds, 1 or more', wholeNumber(1, 86_400)),
  grpcAddress: setting(
    'ANNALS_GRPC',
    '',
    'host:port or unix:PATH; empty for a socket in the data folder',
    z.string().regex(/^$|^unix:.+$|^.+:\d{1,5}$/),
  ),
  grpcToken: setting(
    'ANNALS_TOKEN',
    '',
    'a secret of 16 characters or more, needed where ANNALS_GRPC is neither a socket nor loopback, and for ANNALS_HTTP with NATS_URL',
    z.string().regex(/^$|^\S{16,}$/),
    { secret: true },
  ),
  http: setting(
    'ANNALS_HTTP',
    '',
    'host:port where the gateway serves the page and the API over HTTP; empty for a free port of 127.0.0.1, with NATS_URL for nowhere',
    address,
  ),
  publicUrl: setting(
    'ANNALS_PUBLIC_URL',
    '',
    'the address under which others reach ANNALS_HTTP, such as https://annals.example; empty for none',
    origin,
  ),
  trackerUdp: setting(
    'ANNALS_TRACKER_UDP',
    '',
    'host:port where the gateway answers peers as a tracker over UDP, such as 0.0.0.0:6969; empty for nowhere',
    address,
  ),
  publicTrackerUdp: setting(
    'ANNALS_PUBLIC_TRACKER_UDP',
    '',
    'host:port under which others reach ANNALS_TRACKER_UDP, such as tracker.annals.example:6969; empty for the name in ANNALS_PUBLIC_URL and the port of ANNALS_TRACKER_UDP',
    address,
  ),
  trustedProxies: setting(
    'ANNALS_TRUSTED_PROXIES',
    'loopback,linklocal,uniquelocal',
    'networks separated by commas from which a proxy before ANNALS_HTTP may say who is asking, such as 100.64.0.0/10; "loopback", "linklocal" and "uniquelocal" are this machine and private networks; empty for none',
    networks,
  ),
  masterKeyFile: setting(
    'ANNALS_MASTER_KEY_FILE',
    '',
    'a file of 32 bytes, or of lines of 64 hex digits, that private keys are encrypted under; empty for master.key in the data folder, not so with NATS_URL',
    z.string().regex(/^[^\0]*$/),
  ),
  health: setting(
    'ANNALS_HEALTH',
    '',
    'host:port where health is asked over HTTP, such as 0.0.0.0:8081; empty for nowhere',
    address,
  ),
  logLevel: setting(
    'ANNALS_LOG',
    'info',
    'silent, error, warn, info or debug',
    z.enum(['silent', 'error', 'warn', 'info', 'debug']),
  ),
  otlpEndpoint: setting(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    '',
    'the address of an OTLP receiver over HTTP, such as http://host:4318; empty for no telemetry',
    z.union([z.literal(''), z.url({ protocol: /^https?$/ })]),
    { secret: true },
  ),
  otlpProtocol: setting(
    'OTEL_EXPORTER_OTLP_PROTOCOL',
    'http/protobuf',
    '"http/protobuf" or "http/json"',
    z.enum(['http/protobuf', 'http/json']),
  ),
  otlpHeaders: setting('OTEL_EXPORTER_OTLP_HEADERS', '', pairsForm, pairs, { secret: true }),
  otlpTimeoutMilliseconds: setting(
    'OTEL_EXPORTER_OTLP_TIMEOUT',
    '10000',
    'whole milliseconds, 1 or more, that one export may take',
    wholeNumber(1, 600_000),
  ),
  tracesExporter: setting('OTEL_TRACES_EXPORTER', 'otlp', '"otlp" or "none"', exporter),
  metricsExporter: setting('OTEL_METRICS_EXPORTER', 'otlp', '"otlp" or "none"', exporter),
  serviceName: setting(
    'OTEL_SERVICE_NAME',
    '',
    'what the process is called in telemetry; empty for "annals-" and the service',
    z.string().regex(/^[^\0]*$/),
  ),
  resourceAttributes: setting('OTEL_RESOURCE_ATTRIBUTES', '', pairsForm, pairs),
  tracesSampler: setting(
    'OTEL_TRACES_SAMPLER',
    'parentbased_always_on',
    samplerNames.map((name) => `"${name}"`).join(', '),
    z.enum(samplerNames),
  ),
  tracesSamplerRatio: setting(
    'OTEL_TRACES_SAMPLER_ARG',
    '1',
    'the share of traces that is recorded by a sampler with "ratio" in its name, 0 to 1',
    z
      .string()
      .regex(/^(0|1|[01]?\.\d+)$/)
      .transform(Number)
      .pipe(z.number().min(0).max(1)),
  ),
  spanDelayMilliseconds: setting(
    'OTEL_BSP_SCHEDULE_DELAY',
    '5000',
    'whole milliseconds, 1 or more, between two exports of spans',
    wholeNumber(1, 3_600_000),
  ),
  metricIntervalMilliseconds: setting(
    'OTEL_METRIC_EXPORT_INTERVAL',
    '60000',
    'whole milliseconds, 1 or more, between two exports of metrics',
    wholeNumber(1, 3_600_000),
  ),
  metricCommunities: setting(
    'ANNALS_METRIC_COMMUNITIES',
    '100',
    'communities that have metrics of their own, the worst first; 0 for none',
    wholeNumber(0, 100_000),
  ),
} as const

export type AnnalsConfig = {
  readonly [K in keyof typeof settings]: (typeof settings)[K] extends Setting<infer T> ? T : never
}

/** One or more environment variables cannot be used; `problems` has one entry for each. What is secret is not in it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly { variable: string; found: string; expects: string }[]

  constructor(problems: readonly { variable: string; found: string; expects: string }[]) {
    super(problems.map((p) => `${p.variable} is "${p.found}", but must be ${p.expects}`).join('; '))
    this.problems = problems
  }
}

/**
 * One typed, checked object out of an environment.
 * @throws ConfigError that names every variable that is wrong, unknown `ANNALS_` ones among them
 */
export function readEnv(env: Readonly<Record<string, string | undefined>>): AnnalsConfig {
  const { config, problems } = inspectEnv(env)
  if (problems.length > 0) throw new ConfigError(problems)
  return config
}

/** What can be made of an environment, and all that is wrong with it; a setting that cannot be used has its default. */
export function inspectEnv(env: Readonly<Record<string, string | undefined>>): {
  readonly config: AnnalsConfig
  readonly problems: ConfigError['problems']
} {
  const problems: { variable: string; found: string; expects: string }[] = []
  const known = new Set<string>(Object.values(settings).map((each) => each.variable))
  for (const variable of Object.keys(env)) {
    // Its value is not shown: it may be a secret under a name that is spelled wrong.
    if (variable.startsWith('ANNALS_') && env[variable] !== undefined && !known.has(variable))
      problems.push({ variable, found: '…', expects: 'absent: there is no such setting' })
  }
  const config: Record<string, unknown> = {}
  for (const [key, each] of Object.entries(settings)) {
    const found = env[each.variable] ?? each.default
    const parsed = each.schema.safeParse(found)
    config[key] = parsed.success ? parsed.data : each.schema.parse(each.default)
    if (!parsed.success)
      problems.push({ variable: each.variable, found: each.secret ? '…' : found.slice(0, 80), expects: each.expects })
  }
  if (problems.length === 0) problems.push(...contradictions(config as AnnalsConfig))
  return { config: config as AnnalsConfig, problems }
}

/** Settings that are right each by itself and not together. */
function contradictions(config: AnnalsConfig): { variable: string; found: string; expects: string }[] {
  const { natsUrl, mongodbUri, natsCredentials, channel, wakuRelays, wakuStores } = settings
  const { http, trackerUdp, publicTrackerUdp } = settings
  const together = 'set together with '
  if (config.natsUrl !== '' && config.mongodbUri === '')
    return [{ variable: mongodbUri.variable, found: '', expects: `${together}${natsUrl.variable}` }]
  if (config.natsUrl === '' && config.mongodbUri !== '')
    return [{ variable: natsUrl.variable, found: '', expects: `${together}${mongodbUri.variable}` }]
  if (config.natsUrl === '' && config.natsCredentials !== '')
    return [{ variable: natsUrl.variable, found: '', expects: `${together}${natsCredentials.variable}` }]
  if (config.natsUrl === '' && config.channel.startsWith('nats:'))
    return [
      { variable: channel.variable, found: config.channel, expects: `a folder where ${natsUrl.variable} is empty` },
    ]
  // The tracker is one, on all its ways.
  if (config.natsUrl !== '' && config.trackerUdp !== undefined && config.http === undefined)
    return [{ variable: http.variable, found: '', expects: `${together}${trackerUdp.variable}` }]
  if (config.publicTrackerUdp !== undefined && config.trackerUdp === undefined)
    return [{ variable: trackerUdp.variable, found: '', expects: `${together}${publicTrackerUdp.variable}` }]
  // What no store has does not count as published, and what the relays miss is in the stores only.
  if (config.wakuStores.length === 0 && config.wakuRelays.length > 0)
    return [{ variable: wakuStores.variable, found: '', expects: `${together}${wakuRelays.variable}` }]
  if (config.wakuStores.length === 0 && config.channel === wakuChannel)
    return [{ variable: wakuStores.variable, found: '', expects: `set where ${channel.variable} is "${wakuChannel}"` }]
  return []
}
