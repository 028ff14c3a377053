import { setTimeout } from 'node:timers/promises'
import { compareMessages } from '@annals/annals'
import type { Announced } from './announcements.ts'
import { announcementsOf } from './announcements.ts'
import {
  Chronicle,
  addControlled,
  addMember,
  archivesOf,
  beginning,
  sealRound,
  waitUntilServed,
  week,
} from './chronicle.ts'
import { RestartableNode } from './restartable-node.ts'
import { World } from './world.ts'

/** Everything about a run that may not depend on what was killed when. */
export interface Outcome {
  readonly infoHashes: readonly string[]
  readonly controlArchives: readonly unknown[]
  readonly memberArchives: readonly unknown[]
  readonly announced: readonly Announced[]
  readonly differences: readonly string[]
  readonly messages: { readonly control: number; readonly member: number }
}

export interface KillOptions {
  readonly kills: number
  /** Makes the moments of the kills; how far the nodes are by then is up to the machine. */
  readonly seed: number
  readonly onProgress?: (kills: number) => void
}

const firstWeeks = 3
const messagesPerWeek = 25

/** A chronicle with kills and, for as many rounds, one without. */
export async function runKills(
  options: KillOptions,
): Promise<{ disturbed: Outcome; undisturbed: Outcome; counted: number }> {
  // Rounds go on until there were enough kills; a round outlives two at the least.
  const chronicle = new Chronicle(firstWeeks + options.kills, messagesPerWeek, firstWeeks)
  await using world = await World.create(beginning + firstWeeks * week)
  const killer = new Killer(options)
  const disturbed = await live(world, chronicle, killer)
  await using calm = await World.create(beginning + firstWeeks * week, world)
  const undisturbed = await live(calm, chronicle, new Calm(disturbed.infoHashes.length))
  return { disturbed, undisturbed, counted: killer.kills }
}

interface Disturbance {
  /** True once no further round is needed. */
  enough(rounds: number): boolean
  /** Works against the nodes while the work goes on. */
  during<T>(nodes: readonly RestartableNode[], work: Promise<T>): Promise<T>
}

class Calm implements Disturbance {
  readonly #rounds: number
  constructor(rounds: number) {
    this.#rounds = rounds
  }
  enough(rounds: number): boolean {
    return rounds >= this.#rounds
  }
  during<T>(_nodes: readonly RestartableNode[], work: Promise<T>): Promise<T> {
    return work
  }
}

class Killer implements Disturbance {
  kills = 0
  readonly #options: KillOptions
  readonly #random: () => number

  constructor(options: KillOptions) {
    this.#options = options
    let state = options.seed || 1
    this.#random = () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff
      return state / 0x8000_0000
    }
  }

  enough(): boolean {
    return this.kills >= this.#options.kills
  }

  async during<T>(nodes: readonly RestartableNode[], work: Promise<T>): Promise<T> {
    const done = new AbortController()
    const killing = this.#kill(nodes, done.signal)
    try {
      return await work
    } finally {
      done.abort()
      await killing
    }
  }

  async #kill(nodes: readonly RestartableNode[], signal: AbortSignal): Promise<void> {
    // The first kill of a round comes whether or not the round is done by then.
    do {
      await setTimeout(this.#random() * 700, undefined)
      const node = nodes[Math.floor(this.#random() * nodes.length)]
      await node?.killAndRestart()
      this.kills += 1
      this.#options.onProgress?.(this.kills)
    } while (!signal.aborted && !this.enough())
  }
}

async function live(world: World, chronicle: Chronicle, disturbance: Disturbance): Promise<Outcome> {
  await using control = new RestartableNode(world, 'control')
  await using member = new RestartableNode(world, 'member')
  const nodes = [control, member]
  const communityId = await addControlled(control)
  await addMember(member, communityId)
  const infoHashes: string[] = []
  for (let round = 0; !disturbance.enough(round); round += 1) {
    const work = async (): Promise<void> => {
      const { infoHash } = await sealRound(world, control, communityId, chronicle, round)
      await waitUntilServed(member, communityId, infoHash)
      infoHashes.push(infoHash)
    }
    await disturbance.during(nodes, work())
  }
  const source = chronicle.through(infoHashes.length - 1)
  const atControl = await control.run((node) => compareMessages(source, communityId, node.messages(communityId)))
  const atMember = await member.run((node) => compareMessages(source, communityId, node.messages(communityId)))
  return {
    infoHashes,
    controlArchives: (await archivesOf(control, communityId)).archives,
    memberArchives: (await archivesOf(member, communityId)).archives,
    announced: await announcementsOf(world.channelFolder, communityId),
    differences: [...atControl.differences, ...atMember.differences],
    messages: { control: atControl.messages, member: atMember.messages },
  }
}
