import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ServerUnavailableError, WayClosedError } from './errors.ts'
import type { FailedWay } from './errors.ts'
import { installChromium } from './install/install-chromium.ts'
import type { InstallOptions } from './install/install-options.ts'
import { askProgram } from './processes/run-command.ts'
import { programOnPath } from './program-on-path.ts'
import { oldestUsable } from './versions.ts'

/** A browser that can be driven. */
export interface Chromium {
  /** `chromium 156.0.8078 from the PATH`. */
  readonly origin: string
  /** Name or path of the program. */
  readonly program: string
  /** What it has to be started with, beside the environment of this process. */
  readonly environment: Readonly<Record<string, string>>
}

/**
 * Gets Chromium: the one on the PATH, else that of Debian's packages.
 * @throws ServerUnavailableError
 */
export async function openChromium(options: InstallOptions = {}): Promise<Chromium> {
  const failed: FailedWay[] = []
  const causes: unknown[] = []
  for (const [way, open] of [
    ['a program on the PATH', () => fromPath()],
    ["the cache, filled by Debian's packages", () => fromCache(options)],
  ] as const) {
    try {
      return await open()
    } catch (error) {
      if (!(error instanceof WayClosedError)) throw error
      failed.push({ way, reason: error.reason, advice: error.advice })
      causes.push(error)
    }
  }
  throw new ServerUnavailableError('Chromium', failed, causes)
}

async function fromPath(): Promise<Chromium> {
  const version = await programOnPath('chromium', ['--version'], oldestUsable.chromium)
  const program = (await askProgram('sh', '-c', 'command -v chromium'))?.trim() ?? 'chromium'
  return { origin: `chromium ${version} from the PATH`, program, environment: {} }
}

/** The packages are not installed, so their libraries and fonts have to be shown to it. */
async function fromCache(options: InstallOptions): Promise<Chromium> {
  const folder = await installChromium(options)
  const program = join(folder, 'usr', 'lib', 'chromium', 'chromium')
  const libraries = await librariesIn(folder)
  const environment = { LD_LIBRARY_PATH: libraries.join(':'), FONTCONFIG_FILE: join(folder, 'fonts.conf') }
  await writeFile(
    environment.FONTCONFIG_FILE,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${join(folder, 'usr', 'share', 'fonts')}</dir><dir>/usr/share/fonts</dir></fontconfig>\n`,
  )
  const said = await askProgram(
    'env',
    ...Object.entries(environment).map((pair) => pair.join('=')),
    program,
    '--version',
  )
  if (said === undefined)
    throw new WayClosedError('the chromium in the cache does not start', 'Empty the cache, or put chromium on the PATH')
  return { origin: `${said.trim().toLowerCase()} of Debian from the cache`, program, environment }
}

/** The folder of libraries is named after the machine's architecture. */
async function librariesIn(folder: string): Promise<string[]> {
  const bases = [join(folder, 'usr', 'lib'), join(folder, 'lib')]
  const found = await Promise.all(
    bases.map(async (base) => {
      const names = await readdir(base).catch(() => [])
      return names.filter((name) => name.endsWith('-linux-gnu')).map((name) => join(base, name))
    }),
  )
  return found.flat()
}
