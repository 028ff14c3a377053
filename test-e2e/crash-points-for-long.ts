// A crash right before each single effect of a node, by hand: node test-e2e/crash-points-for-long.ts
// Ends with exit code 1 on any difference.
import { crashControl, crashMember } from './support/crash-points.ts'

const say = (line: string): boolean => process.stdout.write(`${line}\n`)
const plan = {
  every: 1,
  seed: 0,
  onCrash: (crashes: number, planned: number): void => {
    if (crashes % 10 === 0) say(`${crashes} of ${planned} crashes`)
  },
}
for (const [name, crash] of [
  ['a control node', crashControl],
  ['a member', crashMember],
] as const) {
  const { effects, crashes, different } = await crash(plan)
  const verdict = different.length === 0 ? 'the same as without' : 'DIFFERENT'
  say(`${name}: ${crashes} crashes before ${effects} effects: ${verdict}`)
  if (different.length > 0) {
    say(JSON.stringify(different, undefined, 1))
    process.exitCode = 1
  }
}
