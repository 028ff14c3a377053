import { readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { WayClosedError } from '../errors.ts'
import { askProgram, runCommand } from '../processes/run-command.ts'
import { closeWayOnFailure } from './close-way.ts'
import type { InstallOptions } from './install-options.ts'

/** What goes into the cache of this Debian's packages is named so. @throws WayClosedError where this is no Debian */
export async function nameForDebian(name: string, advice: string): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '')
  const codename = /^VERSION_CODENAME=(.+)$/m.exec(release)?.[1] ?? 'unknown'
  const architecture = (await askProgram('dpkg', '--print-architecture'))?.trim()
  if (architecture === undefined) throw new WayClosedError('this is no Debian', advice)
  return `${name}-${codename}-${architecture}`
}

/**
 * Unpacks Debian packages into a folder. They are not installed: nothing of them is to run, or to stand anywhere but there.
 * @param script says in shell what to fetch into the folder in which it runs
 * @throws WayClosedError
 */
export async function unpackDebian(
  script: string,
  folder: string,
  { signal }: Pick<InstallOptions, 'signal'>,
): Promise<void> {
  await closeWayOnFailure('See what apt-get says: is its mirror reachable?', async () => {
    const fetch = ['-c', `cd "$0" && ${script}`, folder]
    try {
      await runCommand('sh', fetch, { signal })
    } catch {
      signal?.throwIfAborted()
      // Lists of packages may be missing or old.
      await runCommand('apt-get', ['-o', 'DPkg::Lock::Timeout=120', 'update'], { signal })
      await runCommand('sh', fetch, { signal })
    }
    const files = (await readdir(folder)).filter((each) => each.endsWith('.deb'))
    if (files.length === 0) throw new WayClosedError('apt-get fetched nothing', 'See what apt-get says')
    for (const file of files) {
      await runCommand('dpkg', ['-x', join(folder, file), folder], { signal })
      await rm(join(folder, file))
    }
  })
}
