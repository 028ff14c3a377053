// An upgrade from an earlier commit of this repository, by hand: node test-e2e/upgrade-for-long.ts [REVISION]
// Two processes of every service of that version are replaced by those of this one, one process after the other, while a
// control node and a member live through weeks; then by those of before again, and once more by this version's.
// Ends with exit code 1 where anything is lost or differs from what this version makes of the same weeks alone.
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { Chronicle, beginning, week } from './support/chronicle.ts'
import { ClusterWorld } from './support/cluster-world.ts'
import { VersionUnavailableError, earlierVersion } from './support/earlier-version.ts'
import { calm, liveChronicle } from './support/live-chronicle.ts'
import type { Outcome } from './support/live-chronicle.ts'
import type { VersionTree } from './support/next-version.ts'
import { OneAfterAnother } from './support/one-after-another.ts'
import { RestartableNode } from './support/restartable-node.ts'
import { RollingRestart } from './support/rolling-restart.ts'
import { unhandledEvents } from './support/unhandled-events.ts'
import { World } from './support/world.ts'

/** From before telemetry, Kubernetes, looks at announcements and several Waku stores. */
const defaultRevision = '7e96ea2'

const revision = process.argv[2] ?? defaultRevision
const present = join(import.meta.dirname, '../services/annals/src/main.ts')
const firstWeeks = 3
const now = beginning + firstWeeks * week
const chronicle = new Chronicle(120, 20, firstWeeks)
const say = (line: string): boolean => process.stdout.write(`${line}\n`)

try {
  await using earlier = await earlierVersion(revision)
  process.exitCode = (await upgradeFrom(earlier)) ? 0 : 1
} catch (error) {
  if (!(error instanceof VersionUnavailableError)) throw error
  say(error.message)
  process.exitCode = 1
}

async function upgradeFrom({ program }: VersionTree): Promise<boolean> {
  // What a process does not hand back would be missed for so long that the weeks would not come to an end.
  await using world = await ClusterWorld.create(now, undefined, { ANNALS_TAKE_OVER_SECONDS: '900' })
  let changed: Outcome
  let endings: [string, string | undefined][]
  let unhandled: string[]
  {
    const nodes = world.nodes(2, program)
    await using _control = nodes[0]
    await using _member = nodes[1]
    const restarts = [present, program, present].map((each) => new RollingRestart(nodes, { program: each }))
    changed = await liveChronicle(world, chronicle, nodes, new OneAfterAnother([calm(1), ...restarts]))
    endings = restarts.flatMap((restart) => Object.entries(restart.endings))
    unhandled = await unhandledEvents(world, nodes)
  }
  await using calmWorld = await World.create(now, world.world)
  await using control = new RestartableNode(calmWorld, 'control')
  await using member = new RestartableNode(calmWorld, 'member')
  const unchanged = await liveChronicle(calmWorld, chronicle, [control, member], calm(changed.infoHashes.length))
  const bad = endings.filter(([, ending]) => ending !== '0')
  const same = isDeepStrictEqual(changed, unchanged) && changed.differences.length === 0
  const verdict = same ? 'the same as this version makes of it alone' : 'DIFFERENT'
  say(
    `${endings.length} restarts from ${revision} to this version, back, and up again; ${changed.infoHashes.length} rounds,`,
  )
  say(`${changed.messages.control} messages: ${verdict}; ${unhandled.length} events not handled`)
  for (const [name, ending] of bad) say(`${name} ended with ${ending ?? 'nothing'}`)
  for (const line of unhandled) say(line)
  if (!same) say(JSON.stringify({ changed, unchanged }, undefined, 1))
  return same && bad.length === 0 && unhandled.length === 0
}
