import type { ImportRecord } from '@annals/imports'
import { compareMessages } from '@annals/annals'
import type { Announced } from './announcements.ts'
import { announcementsOf } from './announcements.ts'
import type { Chronicle } from './chronicle.ts'
import { addControlled, addMember, archivesOf, sealRound, waitUntilServed } from './chronicle.ts'
import type { LivingNode } from './living-node.ts'
import type { Stage } from './stage.ts'

/** Everything about a run that may not depend on what died when. */
export interface Outcome {
  readonly infoHashes: readonly string[]
  readonly controlArchives: readonly unknown[]
  readonly memberArchives: readonly unknown[]
  readonly announced: readonly Announced[]
  readonly differences: readonly string[]
  readonly messages: { readonly control: number; readonly member: number }
}

/** What happens to the nodes while a round is lived through. */
export interface Disturbance<N extends LivingNode = LivingNode> {
  /** True once no further round is needed. */
  enough(rounds: number): boolean
  /** Before a round begins, when everything is at rest. */
  before?(): Promise<void>
  during<T>(nodes: readonly N[], work: Promise<T>): Promise<T>
}

/** Nothing happens, for a number of rounds. */
export function calm(rounds: number): Disturbance {
  return { enough: (done) => done >= rounds, during: (_nodes, work) => work }
}

/** A control node and a member live through a chronicle; answers what they hold at its end. */
export async function liveChronicle<N extends LivingNode>(
  stage: Stage,
  chronicle: Chronicle,
  [control, member]: readonly [N, N],
  disturbance: Disturbance<N>,
): Promise<Outcome> {
  const communityId = await addControlled(control)
  await addMember(member, communityId)
  const infoHashes: string[] = []
  while (!disturbance.enough(infoHashes.length)) {
    await disturbance.before?.()
    const work = async (): Promise<void> => {
      const infoHash = await sealRound(stage, control, communityId, chronicle, infoHashes.length)
      await waitUntilServed(member, infoHash)
      infoHashes.push(infoHash)
    }
    await disturbance.during([control, member], work())
  }
  const source = chronicle.through(infoHashes.length - 1)
  return outcomeOf(stage, [control, member], { communityId, source, infoHashes })
}

/** What two nodes hold of a community, beside what went in. */
export async function outcomeOf(
  stage: Stage,
  [control, member]: readonly [LivingNode, LivingNode],
  lived: {
    readonly communityId: string
    readonly source: readonly ImportRecord[]
    readonly infoHashes: readonly string[]
  },
): Promise<Outcome> {
  const { communityId, source, infoHashes } = lived
  const atControl = await control.run((node) => compareMessages(source, communityId, node.messages(communityId)))
  const atMember = await member.run((node) => compareMessages(source, communityId, node.messages(communityId)))
  return {
    infoHashes,
    controlArchives: (await archivesOf(control, communityId)).archives,
    memberArchives: (await archivesOf(member, communityId)).archives,
    announced: await announcementsOf(stage, communityId),
    differences: [...atControl.differences, ...atMember.differences],
    messages: { control: atControl.messages, member: atMember.messages },
  }
}
