/** What is run here, pinned: a recorded result of a test says which servers it was had with. */
export const versions = {
  natsServer: '2.15.2',
  ferretdb: '2.7.0',
  /** The release of Debian that has the DocumentDB extension. It moves: what was got stands in the cache, and in `origin`. */
  debianSuite: 'testing',
  documentdbPackage: 'postgresql-18-documentdb',
  postgresMajor: 18,
  /** As in `otel-collector/manifest.yaml`. */
  collector: '0.155.0',
  /** As in `jaeger/go.mod`. */
  jaeger: '1.76.0',
  compose: '2.40.3',
  kustomize: '5.8.2',
  kubeconform: '0.7.0',
  /** Whose schemas manifests are checked against, and whose control plane; as in `kubernetes/go.mod`. */
  kubernetes: '1.36.3',
  /** Plays the part of nodes. */
  kwok: '0.8.0',
  keda: '2.19.0',
  natsImage: 'nats:2',
  mongoImage: 'mongo:8',
  nwakuImage: 'wakuorg/nwaku:v0.36.0',
  /** As in `waku-node/go.mod`. */
  goWaku: '0.8.1',
} as const

/** Programs on the PATH that are older than this lack what the adapters need. */
export const oldestUsable = {
  /** Consumers with `filter_subjects`. */
  natsServer: '2.10.0',
  mongod: '7.0.0',
  /** `group by`, `promtool test rules`; Debian 12 has it. */
  chromium: '120.0.0',
  prometheus: '2.42.0',
  /** The names of its parts: `span_metrics`. */
  collector: '0.150.0',
  /** As in docs/operate.md. */
  kubernetes: '1.30.0',
  etcd: '3.5.0',
} as const
