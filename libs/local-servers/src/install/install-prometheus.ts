import { readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { WayClosedError } from '../errors.ts'
import { askProgram, runCommand } from '../processes/run-command.ts'
import { closeWayOnFailure } from './close-way.ts'
import { installOnce } from './install-once.ts'
import type { InstallOptions } from './install-options.ts'

const packageName = 'prometheus'

/** The folder of Prometheus' programs in the cache, out of the package of this Debian. @throws WayClosedError */
export async function installPrometheus(options: InstallOptions): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '')
  const codename = /^VERSION_CODENAME=(.+)$/m.exec(release)?.[1] ?? 'unknown'
  const architecture = (await askProgram('dpkg', '--print-architecture'))?.trim()
  if (architecture === undefined)
    throw new WayClosedError('this is no Debian', 'Put prometheus and promtool on the PATH')
  const name = `${packageName}-${codename}-${architecture}`
  return join(await installOnce(name, (folder) => unpack(folder, options), options), 'bin')
}

/** The package is not installed: nothing of it is to run, or to stand anywhere but here. */
async function unpack(folder: string, options: InstallOptions): Promise<void> {
  const whole = join(folder, 'package')
  await closeWayOnFailure('See what apt-get says: is its mirror reachable?', async () => {
    options.onProgress?.(`fetching the package ${packageName} by apt-get`)
    await download(folder, options)
    const file = (await readdir(folder)).find((each) => each.endsWith('.deb'))
    if (file === undefined) throw new WayClosedError(`apt-get fetched no ${packageName}`, 'See what apt-get says')
    await runCommand('dpkg', ['-x', join(folder, file), whole], { signal: options.signal })
    await rm(join(folder, file))
  })
  await rename(join(whole, 'usr', 'bin'), join(folder, 'bin'))
  await rm(whole, { recursive: true })
}

async function download(folder: string, { signal }: InstallOptions): Promise<void> {
  // It writes into the folder in which it runs.
  const fetch = ['-c', 'cd "$0" && exec apt-get download "$1"', folder, packageName]
  try {
    await runCommand('sh', fetch, { signal })
  } catch {
    signal?.throwIfAborted()
    // Lists of packages may be missing or old.
    await runCommand('apt-get', ['-o', 'DPkg::Lock::Timeout=120', 'update'], { signal })
    await runCommand('sh', fetch, { signal })
  }
}
