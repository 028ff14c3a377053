import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { WayClosedError } from '../errors.ts'
import { askProgram, runCommand } from '../processes/run-command.ts'
import { versions } from '../versions.ts'
import type { InstallOptions } from './install-options.ts'

/**
 * Makes a Debian root folder with the extension's package, from the mirror that apt already uses.
 * @returns the package's version
 * @throws WayClosedError where this is no Debian; CommandFailedError
 */
export async function buildDebianRoot(root: string, options: InstallOptions): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '')
  const codename = /^VERSION_CODENAME=(.+)$/m.exec(release)?.[1]
  if (!/^ID=debian$/m.test(release) || codename === undefined)
    throw new WayClosedError('this is no Debian', 'Put mongod on the PATH, or start Docker')
  await installMmdebstrap(options)
  const mirror = await mirrorOf(codename)
  options.onProgress?.(`fetching ${versions.documentdbPackage} and what it needs, which takes about two minutes`)
  // In a process namespace of its own, all that it starts ends with it, and its mounts with that.
  const namespaces = ['--mount', '--propagation', 'private', '--pid', '--mount-proc', '--fork', '--kill-child']
  await runCommand('unshare', [...namespaces, 'mmdebstrap', ...buildArguments, versions.debianSuite, root, mirror], {
    signal: options.signal,
    onLine: (line) => {
      if (line.startsWith('I: ')) options.onProgress?.(line.slice('I: '.length))
    },
  })
  const version = await runCommand('chroot', [root, 'dpkg-query', '-W', '-f', '${Version}', versions.documentdbPackage])
  await rm(join(root, 'etc', 'apt', 'sources.list'), { force: true })
  await rm(join(root, 'etc', 'apt', 'sources.list.d'), { recursive: true, force: true })
  return version.join('')
}

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'
const buildArguments = [
  '--mode=root',
  '--variant=apt',
  '--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr',
  `--keyring=${keyring}`,
  ...['man', 'locale', 'doc'].map((unwanted) => `--dpkgopt=path-exclude=/usr/share/${unwanted}/*`),
  // A mirror that stands still has lists that are past their date.
  '--aptopt=Acquire::Check-Valid-Until "false"',
  '--aptopt=Apt::Install-Recommends "false"',
  `--include=${versions.documentdbPackage}`,
]

async function installMmdebstrap(options: InstallOptions): Promise<void> {
  if ((await askProgram('mmdebstrap', '--version')) !== undefined) return
  options.onProgress?.('installing mmdebstrap by apt-get')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const aptGet = (...args: string[]): Promise<unknown> =>
    runCommand('apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...args], { env, signal: options.signal })
  const install = ['install', '-y', '--no-install-recommends', 'mmdebstrap']
  try {
    await aptGet(...install)
  } catch {
    options.signal?.throwIfAborted()
    // Lists of packages may be missing or old.
    await aptGet('update')
    await aptGet(...install)
  }
}

/** The address that apt gets the packages of this release from. */
async function mirrorOf(codename: string): Promise<string> {
  const format = '$(SITE) $(CODENAME) $(COMPONENT) $(CREATED_BY)'
  const lines: string[] = []
  await runCommand('apt-get', ['indextargets', '--format', format], { onLine: (line) => lines.push(line) })
  const wanted = new RegExp(`^(\\S+) ${codename} main Packages$`)
  const mirror = lines.map((line) => wanted.exec(line)?.[1]).find((found) => found !== undefined)
  if (mirror === undefined)
    throw new WayClosedError(`apt knows no mirror of ${codename}`, 'Add one to /etc/apt/sources.list')
  return mirror
}
