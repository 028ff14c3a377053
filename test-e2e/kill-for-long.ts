// The long run of kills, by hand: node test-e2e/kill-for-long.ts [KILLS] [SEED]
// Prints its seed, so that the moments of a run can be had again, and ends with exit code 1 on any difference.
import { isDeepStrictEqual } from 'node:util'
import { runKills } from './support/run-kills.ts'

const kills = Number(process.argv[2] ?? 1_000)
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000)
const say = (line: string): boolean => process.stdout.write(`${line}\n`)

say(`${kills} kills, seed ${seed}`)
const {
  disturbed,
  undisturbed,
  kills: done,
} = await runKills({
  kills,
  seed,
  onKill: (count) => {
    if (count % 10 === 0) say(`${count} kills`)
  },
})
const same = isDeepStrictEqual(disturbed, undisturbed) && disturbed.differences.length === 0
say(
  `${done} kills in ${disturbed.infoHashes.length} rounds, ${disturbed.messages.control} messages: ${same ? 'the same as without kills' : 'DIFFERENT'}`,
)
if (!same) say(JSON.stringify({ disturbed, undisturbed }, undefined, 1))
process.exitCode = same ? 0 : 1
