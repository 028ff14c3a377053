export {
  CommandFailedError,
  ServerDisposedError,
  ServerNotOursError,
  ServerStartError,
  ServerUnavailableError,
} from './errors.ts'
export type { FailedWay } from './errors.ts'
export type { LocalServer, StartOptions } from './local-server.ts'
export { openCompose } from './open-compose.ts'
export { openChromium } from './open-chromium.ts'
export type { Chromium } from './open-chromium.ts'
export { openPrometheusTools } from './open-prometheus-tools.ts'
export type { PrometheusTools } from './open-prometheus-tools.ts'
export { startCollector } from './start-collector.ts'
export type { CollectorServer, StartCollectorOptions } from './start-collector.ts'
export { startJaeger } from './start-jaeger.ts'
export type { JaegerServer } from './start-jaeger.ts'
export { openKubernetesTools } from './open-kubernetes-tools.ts'
export type { KubernetesTools } from './open-kubernetes-tools.ts'
export { openCustomResources } from './open-custom-resources.ts'
export { startKubernetes } from './start-kubernetes.ts'
export type { KubernetesServer } from './start-kubernetes.ts'
export { openServerParts } from './open-server-parts.ts'
export type { ServerParts } from './open-server-parts.ts'
export { startMongo } from './start-mongo.ts'
export { startNats } from './start-nats.ts'
export type { StartNatsOptions } from './start-nats.ts'
export { startPrometheus } from './start-prometheus.ts'
export type { StartPrometheusOptions } from './start-prometheus.ts'
export { startWaku } from './start-waku.ts'
export type { StartWakuOptions, WakuServer } from './start-waku.ts'
export { startFaultProxy } from './fault-proxy/start-fault-proxy.ts'
export type { Endpoint, FaultProxy } from './fault-proxy/start-fault-proxy.ts'
