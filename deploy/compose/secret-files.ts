import { randomBytes } from 'node:crypto'
import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
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
 * passwords as NATS and MongoDB read them. A folder that has them keeps them; what a newer version wants beside them, for
 * services that it has more and in what NATS' users may do, is added. A folder that a cut-off run left half full is filled anew, as
 * nothing can have been started on it.
 * @returns the names of the files that were made
 */
export async function makeSecrets(folder: string): Promise<string[]> {
  const isComplete = (await readIfThere(join(folder, lastFile))) !== undefined
  const files = isComplete ? await addedFiles(folder) : secretFiles()
  for (const file of files) await writeDurably(folder, file)
  return files.map(({ name }) => name)
}

function secretFiles(): SecretFile[] {
  const passwords = Object.fromEntries(parties.map((party) => [party, madeUp()])) as Record<Party, string>
  const mongodbPassword = madeUp()
  return [
    ...parties.map((party) => environmentFile(party, passwords[party], mongodbPassword)),
    { name: 'master.key', text: `${randomBytes(32).toString('hex')}\n`, mode: 0o600 },
    { name: 'mongodb-password', text: mongodbPassword, mode: 0o644 },
    accountsFile(passwords),
    { name: lastFile, text: '', mode: 0o600 },
  ]
}

/** Services' files before the accounts that are made of them: a cut-off run leaves what the next one goes on from. */
async function addedFiles(folder: string): Promise<SecretFile[]> {
  const mongodbPassword = (await readIfThere(join(folder, 'mongodb-password'))) ?? ''
  const passwords: Partial<Record<Party, string>> = {}
  const files: SecretFile[] = []
  for (const party of parties) {
    const known = await readIfThere(join(folder, `${party}.env`))
    const password = known === undefined ? madeUp() : passwordIn(known)
    passwords[party] = password
    if (known === undefined) files.push(environmentFile(party, password, mongodbPassword))
  }
  const accounts = accountsFile(passwords as Record<Party, string>)
  const isSame = (await readIfThere(join(folder, accounts.name))) === accounts.text
  return isSame ? files : [...files, accounts]
}

function environmentFile(party: Party, password: string, mongodbPassword: string): SecretFile {
  const environment = {
    ...natsSettingsFor(party, natsServer, password),
    [settings.mongodbUri.variable]: `mongodb://${mongodbUser}:${mongodbPassword}@mongodb:27017/?authSource=admin`,
    ...(party === 'gateway' && { [settings.grpcToken.variable]: madeUp() }),
  }
  return { name: `${party}.env`, text: lines(environment), mode: 0o600 }
}

function accountsFile(passwords: Readonly<Record<Party, string>>): SecretFile {
  return { name: 'nats-accounts.conf', text: natsConfiguration(passwords), mode: 0o644 }
}

/** The password of the NATS user in a file of settings that was made here. */
function passwordIn(text: string): string {
  return new URL(parseEnv(text)[settings.natsUrl.variable] ?? '').password
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
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
