import { randomBytes } from 'node:crypto'
import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { settings } from '@annals/service'
import { parties, type Party } from '../needs.ts'
import { natsConfiguration, natsSettingsFor } from '../nats/nats-configuration.ts'

const natsServer = 'nats://nats:4222'
const mongodbUser = 'annals'
/** Written last: with it all others are there. */
const lastFile = 'complete'

interface SecretFile {
  readonly name: string
  readonly text: string
  /** The servers' processes have users of their own; the volume is for nobody but these containers. */
  readonly mode: 0o600 | 0o644
}

/**
 * Passwords, keys and the token, made up, as files: settings of each service in a form that Node reads as an environment,
 * passwords as NATS and MongoDB read them. A folder that has them stays as it is. One that a cut-off run left half full is
 * filled anew, as nothing can have been started on it.
 * @returns the names of the files that were made
 */
export async function makeSecrets(folder: string): Promise<string[]> {
  const isComplete = await open(join(folder, lastFile)).then(
    async (file) => (await file.close(), true),
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
  if (isComplete) return []
  const files = secretFiles()
  for (const file of files) await writeDurably(folder, file)
  return files.map(({ name }) => name)
}

function secretFiles(): SecretFile[] {
  const passwords = Object.fromEntries(parties.map((party) => [party, madeUp()])) as Record<Party, string>
  const mongodbPassword = madeUp()
  const mongodbUri = `mongodb://${mongodbUser}:${mongodbPassword}@mongodb:27017/?authSource=admin`
  return [
    ...parties.map((party): SecretFile => {
      const environment = {
        ...natsSettingsFor(party, natsServer, passwords[party]),
        [settings.mongodbUri.variable]: mongodbUri,
        ...(party === 'gateway' && { [settings.grpcToken.variable]: madeUp() }),
      }
      return { name: `${party}.env`, text: lines(environment), mode: 0o600 }
    }),
    { name: 'master.key', text: `${randomBytes(32).toString('hex')}\n`, mode: 0o600 },
    { name: 'mongodb-password', text: mongodbPassword, mode: 0o644 },
    { name: 'nats-accounts.conf', text: natsConfiguration(passwords), mode: 0o644 },
    { name: lastFile, text: '', mode: 0o600 },
  ]
}

/** Begins with a letter: NATS would take another one for a number. */
function madeUp(): string {
  return `p${randomBytes(24).toString('hex')}`
}

function lines(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

async function writeDurably(folder: string, { name, text, mode }: SecretFile): Promise<void> {
  const path = join(folder, name)
  const file = await open(`${path}.new`, 'w', mode)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.new`, path)
}
