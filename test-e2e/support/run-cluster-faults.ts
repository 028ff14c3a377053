import { Chronicle, beginning, week } from './chronicle.ts'
import { ClusterFaults } from './cluster-faults.ts'
import type { FaultPlan } from './cluster-faults.ts'
import { ClusterWorld } from './cluster-world.ts'
import { calm, liveChronicle } from './live-chronicle.ts'
import type { Outcome } from './live-chronicle.ts'
import { RestartableNode } from './restartable-node.ts'
import { unhandledEvents } from './unhandled-events.ts'
import { World } from './world.ts'

const firstWeeks = 3
const messagesPerWeek = 25

export interface FaultReport {
  readonly disturbed: Outcome
  /** Of as many rounds on the embedded set, with nothing going wrong. */
  readonly undisturbed: Outcome
  /** Of consumers that have not handled everything, and of dead letters. */
  readonly unhandled: readonly string[]
}

/** A chronicle of nodes of one process a service while things go wrong, and one of the embedded set in peace. */
export async function runClusterFaults(plan: FaultPlan, each: number): Promise<FaultReport> {
  const faults = Object.values(plan.counts).reduce((sum, count) => sum + count, 0)
  // A round outlives one fault at the least, so there are never more rounds than faults.
  const chronicle = new Chronicle(firstWeeks + faults, messagesPerWeek, firstWeeks)
  const now = beginning + firstWeeks * week
  await using world = await ClusterWorld.create(now)
  let disturbed: Outcome
  let unhandled: string[]
  {
    const nodes = world.nodes(each)
    await using _control = nodes[0]
    await using _member = nodes[1]
    disturbed = await liveChronicle(world, chronicle, nodes, new ClusterFaults(world, plan))
    unhandled = await unhandledEvents(world, nodes)
  }
  await using calmWorld = await World.create(now, world.world)
  await using control = new RestartableNode(calmWorld, 'control')
  await using member = new RestartableNode(calmWorld, 'member')
  const undisturbed = await liveChronicle(calmWorld, chronicle, [control, member], calm(disturbed.infoHashes.length))
  return { disturbed, undisturbed, unhandled }
}
