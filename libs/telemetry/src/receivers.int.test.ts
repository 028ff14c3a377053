import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { startOtlpReceiver, telemetryTo } from './testing/index.ts'

/** Longer than any test: what ends before has not waited for it. */
const forEver = 600_000

async function closedPort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

class Told {
  readonly lines: unknown[] = []
  readonly info = (fields: object, message: string): void => void this.lines.push({ ...fields, message })
  readonly warn = this.info
}

describe('a receiver', () => {
  it('is sent protobuf with the headers that are set, where nothing else is asked for', async () => {
    await using receiver = await startOtlpReceiver()
    {
      const headers = { authorization: 'Basic dTpw' }
      await using telemetry = await telemetryTo(`${receiver.endpoint}/`, { protocol: 'http/protobuf', headers })
      await telemetry.tracing('archiver').span({ name: 'a name' }, async () => undefined)
      telemetry.metrics.add('sealedArchives', 1)
    }
    const sent = receiver.requests.map(({ path, contentType, headers: { authorization } }) => [
      path,
      contentType,
      authorization,
    ])
    for (const path of ['/v1/traces', '/v1/metrics'])
      expect(sent).toContainEqual([path, 'application/x-protobuf', 'Basic dTpw'])
    const text = Buffer.concat(receiver.requests.map(({ body }) => body)).toString('latin1')
    for (const name of ['annals-archiver', 'a name', 'annals.archive.sealed']) expect(text).toContain(name)
    expect(text).not.toContain('dTpw')
  })

  it('that refuses holds nobody up, and is told of once', async () => {
    const told = new Told()
    {
      const endpoint = `http://127.0.0.1:${await closedPort()}`
      await using telemetry = await telemetryTo(endpoint, { metrics: false, timeoutMilliseconds: 100 }, told)
      for (let work = 0; work < 3_000; work += 1)
        await telemetry.tracing('archiver').span({ name: 'work' }, async () => undefined)
    }
    expect(told.lines).toStrictEqual([
      { signal: 'traces', error: 'ECONNREFUSED', message: 'telemetry is not taken; going on without' },
    ])
  })

  it('that takes and never answers holds neither work nor the end up', async () => {
    await using receiver = await startOtlpReceiver(() => undefined)
    await using telemetry = await telemetryTo(receiver.endpoint, { timeoutMilliseconds: forEver })
    for (let work = 0; work < 3_000; work += 1)
      await telemetry.tracing('archiver').span({ name: 'work' }, async () => undefined)
    await receiver.until(() => receiver.requests.length > 0)
    await expect(Promise.resolve(telemetry[Symbol.asyncDispose]())).resolves.toBeUndefined()
  })

  it('that comes back is told of, and is sent what comes from then on', async () => {
    let isThere = false
    await using receiver = await startOtlpReceiver((response) => {
      response.writeHead(isThere ? 200 : 400).end('{"what it says": "is not written down"}')
    })
    const told = new Told()
    await using telemetry = await telemetryTo(receiver.endpoint, { metrics: false }, told)
    const tell = (name: string): Promise<void> => telemetry.tracing('archiver').span({ name }, async () => undefined)
    await tell('lost')
    await receiver.until(() => receiver.requests.length === 1)
    isThere = true
    await tell('taken')
    await receiver.until(() => receiver.requests.length === 2)
    await telemetry[Symbol.asyncDispose]()
    expect(told.lines).toStrictEqual([
      { signal: 'traces', error: '400', message: 'telemetry is not taken; going on without' },
      { signal: 'traces', message: 'telemetry is taken again' },
    ])
  })
})
