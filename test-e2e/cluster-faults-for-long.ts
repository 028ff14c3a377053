// The long run of faults in a cluster, by hand: node test-e2e/cluster-faults-for-long.ts [KILLS] [SEED] [PAUSE]
// PAUSE: milliseconds between two kills on the average. With few processors, fewer of them let no week pass.
// Prints its seed, so that the order of a run's faults can be had again, and ends with exit code 1 on any difference.
import { isDeepStrictEqual } from 'node:util'
import type { FaultName } from './support/cluster-faults.ts'
import { faults } from './support/cluster-faults.ts'
import { runClusterFaults } from './support/run-cluster-faults.ts'

const kills = Number(process.argv[2] ?? 1_000)
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000)
const pauseMilliseconds = Number(process.argv[4] ?? 1_000)
const others = Math.ceil(kills / 50)
const say = (line: string): boolean => process.stdout.write(`${line}\n`)

const counts = Object.fromEntries(Object.keys(faults).map((name) => [name, others])) as Record<FaultName, number>
counts['a service is killed'] = kills
say(`${kills} kills of services and ${others} of each other fault, seed ${seed}, a kill every ${pauseMilliseconds} ms`)
const { disturbed, undisturbed, unhandled } = await runClusterFaults(
  {
    counts,
    seed,
    pauseMilliseconds,
    onFault: (name, left) => {
      if (left % 20 === 0) say(`${name}; ${left} faults left`)
    },
  },
  2,
)
const same = isDeepStrictEqual(disturbed, undisturbed) && disturbed.differences.length === 0 && unhandled.length === 0
const verdict = same ? 'the same as without faults, every event handled' : 'DIFFERENT'
say(`${disturbed.infoHashes.length} rounds, ${disturbed.messages.control} messages: ${verdict}`)
if (!same) say(JSON.stringify({ disturbed, undisturbed, unhandled }, undefined, 1))
process.exitCode = same ? 0 : 1
