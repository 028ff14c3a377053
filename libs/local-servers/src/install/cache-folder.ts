import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** Where servers are kept that were fetched: outside of the repository, so that every clone and every run finds them. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const chosen = env['LOCAL_SERVERS_CACHE']
  if (chosen !== undefined && chosen !== '') return resolve(chosen)
  const caches = env['XDG_CACHE_HOME']
  return join(caches === undefined || caches === '' ? join(homedir(), '.cache') : caches, 'annals', 'servers')
}

/** One folder with a lock for each thing that is installed. It stays when the cache is emptied: a lock must not move. */
export function locksFolder(): string {
  return join(cacheFolder(), 'locks')
}
