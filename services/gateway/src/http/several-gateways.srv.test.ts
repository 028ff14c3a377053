import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:http'
import { addControlled, openInstallation } from '@annals/service/testing'
import { expect, it } from 'vitest'
import { TokenRequiredError } from '../gateway-errors.ts'
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

it('a gateway of several makes up no token of its own', async () => {
  await using installation = openInstallation()
  await using node = await installation.open('one', { env: { ...env, ANNALS_TOKEN: '' } })
  await expect(startGateway(node.context, never)).rejects.toThrow(TokenRequiredError)
})
