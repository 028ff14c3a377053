export {
  CommandFailedError,
  ServerDisposedError,
  ServerNotOursError,
  ServerStartError,
  ServerUnavailableError,
} from './errors.ts'
export type { FailedWay } from './errors.ts'
export type { LocalServer, StartOptions } from './local-server.ts'
export { openKubernetesTools } from './open-kubernetes-tools.ts'
export type { KubernetesTools } from './open-kubernetes-tools.ts'
export { startMongo } from './start-mongo.ts'
export { startNats } from './start-nats.ts'
export type { StartNatsOptions } from './start-nats.ts'
export { startWaku } from './start-waku.ts'
export type { StartWakuOptions, WakuServer } from './start-waku.ts'
export { startFaultProxy } from './fault-proxy/start-fault-proxy.ts'
export type { Endpoint, FaultProxy } from './fault-proxy/start-fault-proxy.ts'
