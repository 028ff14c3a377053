import { Chronicle, beginning, week } from './chronicle.ts'
import { Killer } from './killer.ts'
import type { KillOptions } from './killer.ts'
import type { Disturbance, Outcome } from './live-chronicle.ts'
import { calm, liveChronicle } from './live-chronicle.ts'
import { RestartableNode } from './restartable-node.ts'
import { World } from './world.ts'

const firstWeeks = 3
const messagesPerWeek = 25

/** A chronicle with kills and, for as many rounds, one without. */
export async function runKills(
  options: KillOptions,
): Promise<{ disturbed: Outcome; undisturbed: Outcome; kills: number }> {
  // A round outlives one kill at the least, so there are never more rounds than kills.
  const chronicle = new Chronicle(firstWeeks + options.kills, messagesPerWeek, firstWeeks)
  const now = beginning + firstWeeks * week
  await using world = await World.create(now)
  const killer = new Killer(options)
  const disturbed = await inWorld(world, chronicle, killer)
  await using calmWorld = await World.create(now, world)
  const undisturbed = await inWorld(calmWorld, chronicle, calm(disturbed.infoHashes.length))
  return { disturbed, undisturbed, kills: killer.kills }
}

async function inWorld(world: World, chronicle: Chronicle, disturbance: Disturbance): Promise<Outcome> {
  await using control = new RestartableNode(world, 'control')
  await using member = new RestartableNode(world, 'member')
  return await liveChronicle(world, chronicle, [control, member], disturbance)
}
