import { nameForDebian, unpackDebian } from './debian-packages.ts'
import { installOnce } from './install-once.ts'
import type { InstallOptions } from './install-options.ts'

/** Fonts as well: without any, nothing that is written on a page can be seen. */
const packages = 'chromium fonts-dejavu-core fontconfig-config'

/** What an installation would need here: each line of apt-get's names the address and the file of a package. */
const needed = `apt-get install --no-install-recommends --reinstall --print-uris --yes ${packages} | sed -n "s/^.[^ ]* \\([^_]*\\)_.*/\\1/p"`

/**
 * The folder of a Chromium in the cache: the packages of this Debian, and those of them that this machine lacks.
 * @throws WayClosedError
 */
export async function installChromium(options: InstallOptions): Promise<string> {
  const name = await nameForDebian('chromium', 'Put chromium on the PATH')
  return installOnce(
    name,
    async (folder) => {
      options.onProgress?.('fetching the packages of chromium by apt-get')
      await unpackDebian(`apt-get download $(${needed})`, folder, options)
    },
    options,
  )
}
