import { startNats } from '@annals/local-servers'
import type { LocalServer } from '@annals/local-servers'
import { startOrSkip } from '@annals/local-servers/testing'
import type { TestContext } from 'vitest'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freePort } from '../testing/free-port.ts'
import { openOwnNamespace } from '../testing/own-namespace.ts'
import { examineQuietly, resultsOf } from '../testing/read-examination.ts'

/** Three servers that hold streams together. */
async function startCluster(test: TestContext): Promise<LocalServer[]> {
  const ports = [await freePort(), await freePort(), await freePort()]
  const routes = ports.map((port) => `"nats://127.0.0.1:${port}"`).join(', ')
  const servers = await startOrSkip(test, () =>
    Promise.all(
      ports.map((port, number) => {
        const cluster = `cluster { name: three, listen: "127.0.0.1:${port}", routes: [${routes}] }`
        return startNats({ configuration: `server_name: "n${number}"\n${cluster}` })
      }),
    ),
  )
  onTestFinished(async () => {
    for (const server of servers) await server[Symbol.asyncDispose]()
  })
  return servers
}

describe('a NATS cluster', () => {
  it('of which servers are lost is told of, from the first to the last but one', async (test) => {
    const servers = await startCluster(test)
    await using own = await openOwnNamespace({ natsUrl: servers.map(({ url }) => url).join(','), replicas: 3 })
    const look = async (check: string, replicas = '3'): Promise<(string | undefined)[]> => {
      const examination = await examineQuietly({ env: { ...own.env, ANNALS_STREAM_REPLICAS: replicas } })
      return [...new Set(resultsOf(examination, check).map(({ verdict, kind }) => kind ?? verdict))]
    }
    expect(await look('nats-replicas')).toStrictEqual(['ok'])
    expect(await look('nats-replicas', '1')).toStrictEqual(['alone', 'other'])

    await servers[2]?.kill()
    await expect.poll(() => look('nats-replicas'), { timeout: 60_000 }).toStrictEqual(['lagging'])
    await servers[1]?.kill()
    await expect.poll(() => look('nats-jetstream'), { timeout: 60_000 }).toStrictEqual(['silent'])
    expect(await look('nats-streams')).toStrictEqual(['not checked'])
    for (const server of servers.slice(1)) await server.start()
  })
})
