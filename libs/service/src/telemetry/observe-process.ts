import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import type { EventBus } from '@annals/events'
import type { Metrics } from '@annals/telemetry'

const microsecondsPerSecond = 1e6
const nanosecondsPerSecond = 1e9
const millisecondsPerSecond = 1e3

/** What Node says of this process: processor, memory, event loop. */
export function observeProcess(metrics: Metrics): Disposable {
  const delay = monitorEventLoopDelay()
  delay.enable()
  let cpu = { user: 0, system: 0 }
  let loop = performance.eventLoopUtilization()
  const observing = metrics.observe((report) => {
    const now = process.cpuUsage()
    metrics.add('processCpu', (now.user - cpu.user) / microsecondsPerSecond, { 'cpu.mode': 'user' })
    metrics.add('processCpu', (now.system - cpu.system) / microsecondsPerSecond, { 'cpu.mode': 'system' })
    cpu = now
    const { rss, heapUsed } = process.memoryUsage()
    report('processMemory', rss)
    report('heapUsed', heapUsed)
    report('processUptime', process.uptime())
    const since = performance.eventLoopUtilization(loop)
    loop = performance.eventLoopUtilization()
    report('eventLoopUtilization', since.utilization)
    report('eventLoopDelay', delay.percentile(99) / nanosecondsPerSecond)
    delay.reset()
  })
  return {
    [Symbol.dispose]: () => {
      observing[Symbol.dispose]()
      delay.disable()
    },
  }
}

/** How many events were given up: of the whole installation, by every process of it. */
export function observeDeadLetters(metrics: Metrics, { deadLetters }: Pick<EventBus, 'deadLetters'>): Disposable {
  return metrics.observe(async (report) => report('deadLetters', await deadLetters.count()))
}

/** Seconds for which something that is due has waited; 0 where it is not yet due, or nothing is. */
export function waitedSeconds(dueAt: number | undefined, nowSeconds: number): number {
  return dueAt === undefined ? 0 : Math.max(0, nowSeconds - dueAt)
}

/** Seconds since a moment of `performance.now()`. */
export function secondsSince(startMilliseconds: number): number {
  return (performance.now() - startMilliseconds) / millisecondsPerSecond
}
