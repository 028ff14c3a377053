import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { AnnalsConfig } from '@annals/service'
import { TokenRequiredError } from '../gateway-errors.ts'
import { readKept, writeKept } from './kept-file.ts'

type TokenSettings = Pick<AnnalsConfig, 'grpcToken' | 'natsUrl' | 'dataFolder' | 'http'>

/**
 * The token that opens everything: the one of the settings, or else one that is made up and kept in the data folder, which
 * only a node that has its folder for itself can do.
 * @throws TokenRequiredError
 */
export async function operatorToken(config: TokenSettings): Promise<string> {
  const kept = await keptOperatorToken(config)
  if (kept !== undefined) return kept
  if (config.natsUrl !== '')
    throw new TokenRequiredError(
      'ANNALS_HTTP',
      config.http === undefined ? '' : `${config.http.host}:${config.http.port}`,
    )
  const made = randomBytes(24).toString('base64url')
  await writeKept(tokenFile(config), made)
  return made
}

/** The same for who wants to show it: absent where none was made yet. */
export async function keptOperatorToken(config: TokenSettings): Promise<string | undefined> {
  if (config.grpcToken !== '') return config.grpcToken
  if (config.natsUrl !== '') return undefined
  const kept = await readKept(tokenFile(config))
  return kept !== undefined && /^\S{16,}$/.test(kept) ? kept : undefined
}

function tokenFile({ dataFolder }: TokenSettings): string {
  return join(dataFolder, 'http.token')
}
