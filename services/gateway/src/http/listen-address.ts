import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { AnnalsConfig } from '@annals/service'
import type { FastifyInstance } from 'fastify'
import { HttpAddressUnavailableError } from '../gateway-errors.ts'
import { readKept, writeKept } from './kept-file.ts'

export interface HttpAddress {
  readonly host: string
  readonly port: number
}

/** As a browser writes it. */
export function urlOf({ host, port }: HttpAddress): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** On which port a node of this data folder listens, or listened last. */
export async function keptPort(dataFolder: string): Promise<number | undefined> {
  const [text] = /^\d{1,5}$/.exec((await readKept(portFile(dataFolder))) ?? '') ?? []
  return text === undefined || Number(text) > 65_535 ? undefined : Number(text)
}

function portFile(dataFolder: string): string {
  return join(dataFolder, 'http.port')
}

/** Whether there is HTTP at all. */
export function servesHttp({ http, natsUrl }: Pick<AnnalsConfig, 'http' | 'natsUrl'>): boolean {
  return http !== undefined || natsUrl === ''
}

/**
 * Listens where the settings say, or else on a port of this machine that stays the same from one start to the next as long as
 * nobody else takes it: what a browser keeps of the page belongs to its address.
 * @throws HttpAddressUnavailableError
 */
export async function listen(
  app: FastifyInstance,
  { http, dataFolder, natsUrl }: Pick<AnnalsConfig, 'http' | 'dataFolder' | 'natsUrl'>,
): Promise<HttpAddress> {
  const file = portFile(dataFolder)
  if (http !== undefined) {
    const port = await listenAt(app, http)
    if (natsUrl === '') await writeKept(file, String(port))
    return { ...http, port }
  }
  const host = '127.0.0.1'
  const kept = await keptPort(dataFolder)
  if (kept !== undefined)
    try {
      return { host, port: await listenAt(app, { host, port: kept }) }
    } catch (error) {
      if (!(error instanceof HttpAddressUnavailableError)) throw error
    }
  const port = await listenAt(app, { host, port: 0 })
  await writeKept(file, String(port))
  return { host, port }
}

async function listenAt(app: FastifyInstance, address: HttpAddress): Promise<number> {
  try {
    await app.listen({ ...address })
  } catch (cause) {
    throw new HttpAddressUnavailableError(`${address.host}:${address.port}`, { cause })
  }
  return (app.server.address() as AddressInfo).port
}
