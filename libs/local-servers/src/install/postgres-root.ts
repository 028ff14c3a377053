import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { versions } from '../versions.ts'

/** A Debian root folder with PostgreSQL and DocumentDB, and a data folder that was initialised. */
export interface PostgresRoot {
  readonly root: string
  /** Copied for every new database. */
  readonly template: string
  /** The version of the extension's package. */
  readonly documentdb: string
}

/** Where a database's data folder is seen inside of the root. */
const dataInside = '/data'
/** Where the programs of PostgreSQL are in the root. */
export const postgresPrograms = `/usr/lib/postgresql/${versions.postgresMajor}/bin`

// The root gets devices, shared memory and the data in mounts that only its processes see. The shell stays as the first of
// its process namespace: when it is killed, everything in there is, also what left the process group as PostgreSQL's
// workers do. `unshare` kills it when it ends itself. It must not become chroot: a change of user takes that bond away.
const inside = `
set -e
root=$1 data=$2
shift 2
mount --bind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t proc proc "$root/proc"
mount --bind "$data" "$root${dataInside}"
cd /
chroot --userspec=postgres:postgres "$root" "$@"
exit $?
`

/** The command that runs a program of PostgreSQL, such as `initdb`, inside of the root on a data folder. */
export function insideRoot(root: string, data: string, program: string, args: readonly string[]): [string, string[]] {
  const command = [`${postgresPrograms}/${program}`, ...args]
  const namespaces = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child']
  return ['unshare', [...namespaces, '/bin/sh', '-c', inside, 'sh', root, data, ...command]]
}

/** The command that runs the database itself, on loopback. */
export function postgresCommand(root: string, data: string, port: number): [string, string[]] {
  return insideRoot(root, data, 'postgres', ['-D', dataInside, ...postgresArguments(port)])
}

/** The settings of the database as arguments: on loopback alone, with the extension. */
export function postgresArguments(port: number): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    shared_preload_libraries: 'pg_cron,pg_documentdb_core,pg_documentdb',
    'cron.database_name': 'postgres',
    'documentdb.enableUserCrud': 'true',
    'documentdb.maxUserLimit': '100',
    'documentdb_core.enableCollation': 'on',
    'documentdb.enableLetAndCollationForQueryMatch': 'on',
    max_connections: '200',
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

export function initDatabaseCommand(root: string, data: string): [string, string[]] {
  const args = ['-D', dataInside, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8']
  return insideRoot(root, data, 'initdb', args)
}

/** User and group of PostgreSQL's processes, as the root's own list of users has them. */
export async function postgresOwner(root: string): Promise<{ user: number; group: number }> {
  const users = await readFile(join(root, 'etc', 'passwd'), 'utf8')
  const [, , user, group] =
    users
      .split('\n')
      .find((line) => line.startsWith('postgres:'))
      ?.split(':') ?? []
  return { user: Number(user), group: Number(group) }
}
