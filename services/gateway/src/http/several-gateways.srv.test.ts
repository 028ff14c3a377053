import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:http'
import { addControlled, openInstallation } from '@annals/service/testing'
import { seedings } from '@annals/storage'
import { expect, it } from 'vitest'
import { TokenRequiredError } from '../gateway-errors.ts'
import type { RunningGateway } from '../server/start-gateway.ts'
import { startGateway } from '../server/start-gateway.ts'
import { askHttp } from '../testing/http-client.ts'

const env = { ANNALS_TOKEN: 'the-token-of-all-gateways', ANNALS_HTTP: '127.0.0.1:0' }
const never = new AbortController().signal

/** The first piece of a stream in which an event is. */
async function firstEvent(port: number, token: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}` }
  const asking = request({ host: '127.0.0.1', port, path: '/api/v1/events?after=0&names=ArchivingEnabled', headers })
  asking.end()
  const [response] = (await once(asking, 'response')) as [IncomingMessage]
  try {
    let text = ''
    for await (const part of response) {
      text += String(part)
      if (text.includes('data: ')) break
    }
    return text
  } finally {
    asking.destroy()
  }
}

it('gateways of one installation know the same tokens, and show what was commanded through another one', async () => {
  await using installation = openInstallation()
  await using one = await installation.open('one', { env })
  await using other = await installation.open('other', { env })
  await using first = await startGateway(one.context, never)
  await using second = await startGateway(other.context, never)
  const communityId = await addControlled(one.context, 1)
  const path = `/api/v1/communities/${communityId}`
  const token = env.ANNALS_TOKEN
  const visibility = { method: 'PUT', token, body: { public: true } }
  expect(await askHttp(first, `${path}/visibility`, visibility)).toMatchObject({ status: 200 })
  expect((await askHttp(second, `${path}/health`)).json()).toMatchObject({ health: { communityId, public: true } })
  expect((await askHttp(second, '/api/v1/communities', { token })).json()).toMatchObject({ total: 1 })
  const enabled = await askHttp(second, `${path}/enable-archiving`, { method: 'POST', token })
  expect([200, 409]).toContain(enabled.status)
  expect(await firstEvent(first.http?.port ?? 0, token)).toContain(communityId)
})

const infoHash = 'ab'.repeat(20)

async function announce({ http }: Pick<RunningGateway, 'http'>, port: number, left: number): Promise<string> {
  const query = `info_hash=${'%ab'.repeat(20)}&peer_id=-XX0001-00000000${port}&port=${port}&left=${left}&compact=1`
  const answer = await fetch(`http://127.0.0.1:${http?.port}/announce?${query}`)
  return Buffer.from(await answer.arrayBuffer()).toString('latin1')
}

it('peers find each other that came to different gateways over HTTP, also when one of these is gone', async () => {
  await using installation = openInstallation()
  await using one = await installation.open('one', { env })
  await using other = await installation.open('other', { env })
  const communityId = await addControlled(one.context, 1)
  await one.context.state.collection(seedings).put(communityId, { current: { infoHash, generation: 1 }, starts: 1 }, 0)
  await using second = await startGateway(other.context, never)
  {
    await using first = await startGateway(one.context, never)
    await expect.poll(() => announce(first, 4001, 0)).toContain('8:completei1e')
    await expect.poll(() => announce(second, 4002, 1), { timeout: 20_000 }).toContain('\x7f\0\0\x01\x0f\xa1')
    await expect.poll(() => announce(first, 4001, 0), { timeout: 20_000 }).toContain('\x7f\0\0\x01\x0f\xa2')
  }
  expect(await announce(second, 4003, 1)).toContain('\x7f\0\0\x01\x0f\xa1')
})

it('a gateway of several makes up no token of its own', async () => {
  await using installation = openInstallation()
  await using node = await installation.open('one', { env: { ...env, ANNALS_TOKEN: '' } })
  await expect(startGateway(node.context, never)).rejects.toThrow(TokenRequiredError)
})
