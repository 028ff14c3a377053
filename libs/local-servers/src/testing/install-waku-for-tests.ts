import { WayClosedError } from '../errors.ts'
import { installWakuNode } from '../install/install-waku-node.ts'
import { askProgram } from '../processes/run-command.ts'

/** A build from nothing may take so long on a small machine: the limit for a hook that calls `installWakuForTests`. */
export const installWakuLimitMilliseconds = 1_200_000

/**
 * Builds the Waku node where no other is at hand, before the clock of a test runs. Why it cannot be built is for the
 * start to say.
 */
export async function installWakuForTests(): Promise<void> {
  if ((await askProgram('wakunode2', '--version')) !== undefined) return
  try {
    await installWakuNode({ onProgress: (line) => void process.stderr.write(`${line}\n`) })
  } catch (error) {
    if (!(error instanceof WayClosedError)) throw error
  }
}
