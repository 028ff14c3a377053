import { spawnSync } from 'node:child_process'

/** False for a process that is gone, or dead and not yet buried by its parent. */
export function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout !== '' && !stdout.startsWith('Z')
}
