import { join } from 'node:path'
import { nameForDebian, unpackDebian } from './debian-packages.ts'
import { installOnce } from './install-once.ts'
import type { InstallOptions } from './install-options.ts'

/** The folder of Prometheus' programs in the cache, out of the package of this Debian. @throws WayClosedError */
export async function installPrometheus(options: InstallOptions): Promise<string> {
  const name = await nameForDebian('prometheus-unpacked', 'Put prometheus and promtool on the PATH')
  const folder = await installOnce(
    name,
    async (folder) => {
      options.onProgress?.('fetching the package prometheus by apt-get')
      await unpackDebian('apt-get download prometheus', folder, options)
    },
    options,
  )
  return join(folder, 'usr', 'bin')
}
