import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WayClosedError } from './errors.ts'
import { findProgram } from './find-program.ts'
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
export function openChromium(options: InstallOptions = {}): Promise<Chromium> {
  return findProgram('Chromium', [
    { name: 'a program on the PATH', find: fromPath },
    { name: "the cache, filled by Debian's packages", find: () => fromCache(options) },
  ])
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

/** The folder of libraries is named after the machine's architecture; some packages have one of their own in it. */
async function librariesIn(folder: string): Promise<string[]> {
  const bases = [join(folder, 'usr', 'lib'), join(folder, 'lib')]
  const found = await Promise.all(
    bases.map(async (base) =>
      (await foldersIn(base)).filter((name) => name.endsWith('-linux-gnu')).map((name) => join(base, name)),
    ),
  )
  const own = await Promise.all(
    found.flat().map(async (base) => (await foldersIn(base)).map((name) => join(base, name))),
  )
  return [...found.flat(), ...own.flat()]
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}
