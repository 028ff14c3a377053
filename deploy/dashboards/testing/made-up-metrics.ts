import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { prometheusLabel } from '../prometheus/prometheus-name.ts'
import type { MetricKey } from '../prometheus/queried-metrics.ts'
import { queried, seriesName } from '../prometheus/queried-metrics.ts'

export interface MadeUpMetrics extends AsyncDisposable {
  /** `host:port` that Prometheus fetches them from. */
  readonly address: string
}

export const madeUpCommunity = '0x02aa'

/** Of what expressions choose among, each; of all else one. */
const values: Readonly<Record<string, readonly string[]>> = {
  'annals.community.id': [madeUpCommunity],
  'annals.fetch.outcome': ['done', 'failed'],
  'annals.refusal.reason': ['old-clock', 'wrong-signer'],
  'error.type': ['', 'SomeError'],
  'messaging.consumer.group.name': ['archiver', 'fetcher'],
  'span.kind': ['SPAN_KIND_CLIENT', 'SPAN_KIND_INTERNAL'],
}

/** Serves every metric that may be asked for, as the Collector would; each has risen whenever it is fetched. */
export async function serveMadeUpMetrics(): Promise<MadeUpMetrics> {
  let fetched = 0
  const server = createServer((_request, response) => {
    fetched += 1
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(exposition(fetched))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    address: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function exposition(value: number): string {
  return (Object.keys(queried) as MetricKey[])
    .flatMap((key) => {
      const { kind, attributes } = queried[key]
      return labelsOf(attributes).flatMap((labels) =>
        kind === 'histogram' ? histogram(key, labels, value) : [`${seriesName(key)}{${labels}} ${value}`],
      )
    })
    .map((line) => `${line}\n`)
    .join('')
}

function histogram(key: MetricKey, labels: string, value: number): string[] {
  return [
    `${seriesName(key, 'bucket')}{${labels},le="1"} ${value}`,
    `${seriesName(key, 'bucket')}{${labels},le="+Inf"} ${value}`,
    `${seriesName(key, 'sum')}{${labels}} ${value}`,
    `${seriesName(key, 'count')}{${labels}} ${value}`,
  ]
}

/** Each way to give the attributes values. */
function labelsOf(attributes: readonly string[]): string[] {
  return attributes.reduce(
    (ways, attribute) =>
      (values[attribute] ?? ['some']).flatMap((value) =>
        ways.map((way) => `${way},${prometheusLabel(attribute)}="${value}"`),
      ),
    ['job="annals-archiver",instance="one"'],
  )
}
