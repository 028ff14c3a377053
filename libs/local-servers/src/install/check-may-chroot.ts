import { WayClosedError } from '../errors.ts'
import { runCommand } from '../processes/run-command.ts'
import { closeWayOnFailure } from './close-way.ts'

/** @throws WayClosedError where this process may not run programs in a root folder of their own */
export async function checkMayChroot(): Promise<void> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new WayClosedError('a database in a root folder of its own needs root on Linux', 'Run this as root on Debian')
  await closeWayOnFailure('Install util-linux; in a container, give it the capability SYS_ADMIN', () =>
    runCommand('unshare', ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', 'true']),
  )
}
