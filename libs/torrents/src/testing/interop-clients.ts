import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Other BitTorrent clients to try against ours. */
export interface InteropClients {
  readonly aria2c: string
  /** A Python that has libtorrent. */
  readonly python: string
}

const packages = ['aria2', 'python3-libtorrent']
const aria2c = 'aria2c'
const python = '/usr/bin/python3'

/**
 * aria2 and libtorrent where they are installed; on Debian as root they are installed if need be, and stderr says so.
 * `undefined` where they cannot be had.
 */
export function interopClients(): InteropClients | undefined {
  if (!areThere() && mayInstall()) install()
  return areThere() ? { aria2c, python } : undefined
}

function areThere(): boolean {
  return succeeds(aria2c, '--version') && succeeds(python, '-c', 'import libtorrent')
}

function mayInstall(): boolean {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && succeeds('apt-get', '--version')
}

function install(): void {
  process.stderr.write(`installing ${packages.join(' and ')} by apt-get, to test against other BitTorrent clients\n`)
  const options = ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120']
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const run = (...args: string[]): boolean =>
    spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'], timeout: 300_000 }).status === 0
  // Lists of packages may be missing or old.
  if (!run(...options, ...packages) && run('update')) run(...options, ...packages)
}

function succeeds(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 30_000 }).status === 0
}
