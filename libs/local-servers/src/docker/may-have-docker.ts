import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * False where nothing hints at a Docker engine: then the large library that would look for one need not be loaded. The
 * places are those where testcontainers looks.
 */
export function mayHaveDocker(env: Readonly<Record<string, string | undefined>> = process.env): boolean {
  const isNamed = env['DOCKER_HOST'] !== undefined || env['TESTCONTAINERS_HOST_OVERRIDE'] !== undefined
  const userSockets = env['XDG_RUNTIME_DIR'] ?? join('/run/user', String(process.getuid?.()))
  const hints = [
    '/var/run/docker.sock',
    join(userSockets, 'docker.sock'),
    join(homedir(), '.docker', 'run', 'docker.sock'),
    join(homedir(), '.docker', 'desktop', 'docker.sock'),
    join(homedir(), '.testcontainers.properties'),
  ]
  return isNamed || hints.some((path) => existsSync(path))
}
