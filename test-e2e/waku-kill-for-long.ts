// The long run of kills over Waku, by hand: node test-e2e/waku-kill-for-long.ts [KILLS] [SEED]
// Prints its seed, so that the moments of a run can be had again, and ends with exit code 1 on any difference.
import { violationsOf } from './support/waku-violations.ts'
import { runWakuKills } from './support/run-waku-kills.ts'

const wanted = Number(process.argv[2] ?? 300)
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000)
const say = (line: string): boolean => process.stdout.write(`${line}\n`)

say(`${wanted} kills over Waku, seed ${seed}`)
const { outcome, kills } = await runWakuKills({
  kills: wanted,
  seed,
  onKill: (count) => {
    if (count % 10 === 0) say(`${count} kills`)
  },
})
const violations = violationsOf(outcome)
const { weeksLived, said, doubtful, announced } = outcome
const verdict = violations.length === 0 ? 'nothing lost, doubled or different' : 'NOT AS IT MUST BE'
say(`${kills} kills in ${weeksLived} weeks, ${said.length} messages, ${announced.length} announcements: ${verdict}`)
if (doubtful.length > 0) say(`${doubtful.length} messages came to no store in time`)
for (const violation of violations) say(violation)
process.exitCode = violations.length === 0 ? 0 : 1
