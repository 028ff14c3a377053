import { readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandFailedError, WayClosedError } from '../errors.ts'
import { askProgram, runCommand } from '../processes/run-command.ts'
import { installOnce } from './install-once.ts'
import type { InstallOptions } from './install-options.ts'

/** Fonts as well: without any, nothing that is written on a page can be seen. */
const packages = ['chromium', 'fonts-dejavu-core', 'fontconfig-config']

/**
 * The folder of a Chromium in the cache: the packages of this Debian, and those of them that this machine lacks.
 * @throws WayClosedError
 */
export async function installChromium(options: InstallOptions): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '')
  const codename = /^VERSION_CODENAME=(.+)$/m.exec(release)?.[1] ?? 'unknown'
  const architecture = (await askProgram('dpkg', '--print-architecture'))?.trim()
  if (architecture === undefined) throw new WayClosedError('this is no Debian', 'Put chromium on the PATH')
  return installOnce(`chromium-${codename}-${architecture}`, (folder) => unpack(folder, options), options)
}

/** They are not installed: nothing of them is to run, or to stand anywhere but here. */
async function unpack(folder: string, options: InstallOptions): Promise<void> {
  const { signal } = options
  try {
    options.onProgress?.('fetching the packages of chromium by apt-get')
    await download(folder, options)
    for (const file of (await readdir(folder)).filter((each) => each.endsWith('.deb'))) {
      await runCommand('dpkg', ['-x', join(folder, file), folder], { signal })
      await rm(join(folder, file))
    }
  } catch (error) {
    if (!(error instanceof CommandFailedError)) throw error
    throw new WayClosedError(error.message, 'See what apt-get says: is its mirror reachable?', error)
  }
}

async function download(folder: string, { signal }: InstallOptions): Promise<void> {
  // apt-get says what an installation would need here, and fetches each into the folder in which it runs.
  const script = [
    'cd "$0"',
    'needed=$(apt-get install --no-install-recommends --reinstall --print-uris --yes "$@" | sed -n "s/^.[^ ]* \\([^_]*\\)_.*/\\1/p")',
    'exec apt-get download $needed',
  ].join(' && ')
  try {
    await runCommand('sh', ['-c', script, folder, ...packages], { signal })
  } catch {
    signal?.throwIfAborted()
    // Lists of packages may be missing or old.
    await runCommand('apt-get', ['-o', 'DPkg::Lock::Timeout=120', 'update'], { signal })
    await runCommand('sh', ['-c', script, folder, ...packages], { signal })
  }
}
