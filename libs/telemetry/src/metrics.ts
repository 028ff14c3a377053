import type { Counter, Histogram, Meter, ObservableGauge } from '@opentelemetry/api'
import type { AttributesOf, CounterName, GaugeName, HistogramName, InstrumentName } from './instruments.ts'
import { durationSeconds, instruments } from './instruments.ts'

/** What a process counts and measures. */
export interface Metrics {
  /** False where nobody is told: then nothing need be reckoned. */
  readonly records: boolean
  add<N extends CounterName>(name: N, value: number, attributes?: AttributesOf<N>): void
  /** @param value seconds */
  record<N extends HistogramName>(name: N, value: number, attributes?: AttributesOf<N>): void
  /**
   * Has gauges looked up whenever metrics go out, until the answer is disposed. What that throws is as if nothing were there
   * to tell, and so is what takes too long.
   */
  observe(look: Observer): Disposable
}

export type Observer = (report: Report) => void | Promise<void>

export type Report = <N extends GaugeName>(name: N, value: number, attributes?: AttributesOf<N>) => void

const nothing: Disposable = { [Symbol.dispose]: () => undefined }

/** Counts nothing and looks nothing up. */
export const silentMetrics: Metrics = {
  records: false,
  add: () => undefined,
  record: () => undefined,
  observe: () => nothing,
}

/** So long is waited for one observer: a database that is away must not keep the others' values from going out. */
const longestLookMilliseconds = 8_000

export function makeMetrics(meter: Meter): Metrics {
  return new RecordingMetrics(meter)
}

class RecordingMetrics implements Metrics {
  readonly records = true
  readonly #meter: Meter
  readonly #counters = new Map<InstrumentName, Counter>()
  readonly #histograms = new Map<InstrumentName, Histogram>()
  readonly #gauges: ReadonlyMap<GaugeName, ObservableGauge>

  constructor(meter: Meter) {
    this.#meter = meter
    const gauges = new Map<GaugeName, ObservableGauge>()
    for (const [key, { name, kind, unit, question: description }] of Object.entries(instruments)) {
      const options = { unit, description }
      if (kind === 'counter') this.#counters.set(key as CounterName, meter.createCounter(name, options))
      else if (kind === 'gauge') gauges.set(key as GaugeName, meter.createObservableGauge(name, options))
      else {
        const advice = { explicitBucketBoundaries: durationSeconds }
        this.#histograms.set(key as HistogramName, meter.createHistogram(name, { ...options, advice }))
      }
    }
    this.#gauges = gauges
  }

  add<N extends CounterName>(name: N, value: number, attributes?: AttributesOf<N>): void {
    this.#counters.get(name)?.add(value, attributes)
  }

  record<N extends HistogramName>(name: N, value: number, attributes?: AttributesOf<N>): void {
    this.#histograms.get(name)?.record(value, attributes)
  }

  observe(look: Observer): Disposable {
    const gauges = [...this.#gauges.values()]
    let isLooking = false
    const callback: Parameters<Meter['addBatchObservableCallback']>[0] = async (result) => {
      // The last look may still wait for an engine that is away.
      if (isLooking) return
      isLooking = true
      let isOver = false
      const report: Report = (name, value, attributes) => {
        const gauge = this.#gauges.get(name)
        if (gauge !== undefined && !isOver) result.observe(gauge, value, attributes)
      }
      const looking = Promise.resolve()
        .then(() => look(report))
        .catch(() => undefined)
        .finally(() => (isLooking = false))
      await Promise.race([looking, expired(looking)])
      isOver = true
    }
    this.#meter.addBatchObservableCallback(callback, gauges)
    return { [Symbol.dispose]: () => this.#meter.removeBatchObservableCallback(callback, gauges) }
  }
}

/** Resolves after a while, and keeps nobody from ending. */
async function expired(work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, longestLookMilliseconds)
  timer.unref()
  void work.finally(() => clearTimeout(timer))
  await promise
}
