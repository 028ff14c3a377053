import { readFile } from 'node:fs/promises'
import { buffer, text } from 'node:stream/consumers'
import { Secret } from '@annals/crypto'
import { UsageError } from './cli-errors.ts'

/**
 * 32 secret bytes as 64 hex digits out of a file, or out of standard input for `-`: an argument would stand in the list of
 * processes.
 * @throws UsageError, in which nothing of what was found stands
 */
export async function readSecret(file: string): Promise<Secret> {
  const hex = (file === '-' ? await text(process.stdin) : (await readBytes(file)).toString()).trim().replace(/^0x/, '')
  if (!/^[0-9a-fA-F]{64}$/.test(hex))
    throw new UsageError(`${file === '-' ? 'stdin' : file} must hold 64 hex digits, and nothing else`)
  return new Secret(Buffer.from(hex, 'hex'))
}

/**
 * A secret message of whatever length, out of a file or standard input: as it is, or in hex digits.
 * @throws UsageError
 */
export async function readSecretMessage(file: string): Promise<Secret> {
  const bytes = file === '-' ? await buffer(process.stdin) : await readBytes(file)
  const digits = bytes.toString('latin1').trim().replace(/^0x/, '')
  return new Secret(/^([0-9a-fA-F]{2})+$/.test(digits) ? Buffer.from(digits, 'hex') : bytes)
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    throw new UsageError(`the file ${file} cannot be read: ${(error as Error).message}`, { cause: error })
  }
}
