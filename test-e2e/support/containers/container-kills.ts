import type { EventName } from '@annals/events'
import type { Disturbance } from '../live-chronicle.ts'
import type { ContainerNode } from './container-node.ts'
import type { ContainerWorld } from './container-world.ts'
import type { PodContainer } from './pod-container.ts'

/** The code of a process that was killed: 128 and the number of SIGKILL. */
const killedCode = 137

/** One container that is killed, and when. */
interface Kill {
  readonly victim: PodContainer
  /** Once this is in the log of a node. */
  readonly at: EventName
  readonly of: ContainerNode
  /** What should not have happened by then, in the same log. */
  readonly before?: EventName
}

/** What was killed when. */
export interface Killed {
  readonly name: string
  readonly at: EventName
  /** Whether that what it was at was not done yet; undefined where it was at nothing. */
  readonly wasAtWork: boolean | undefined
}

/** A round in peace, then one for each container, which is killed while the round is lived through and started again. */
export class ContainerKills implements Disturbance<ContainerNode> {
  readonly killed: Killed[] = []
  readonly rounds: number
  readonly #kills: readonly Kill[]
  readonly #onKilled: (killed: Killed) => void
  #next: Kill | undefined

  constructor(world: ContainerWorld, onKilled: (killed: Killed) => void) {
    this.#kills = killsIn(world)
    this.rounds = 1 + this.#kills.length
    this.#onKilled = onKilled
  }

  enough(done: number): boolean {
    // Before the round that is to come, if one is.
    this.#next = this.#kills[done - 1]
    return done >= this.rounds
  }

  async during<T>(_nodes: readonly ContainerNode[], work: Promise<T>): Promise<T> {
    const kill = this.#next
    if (kill === undefined) return work
    const [result] = await Promise.all([work, this.#carryOut(kill)])
    return result
  }

  async #carryOut({ victim, at, of, before }: Kill): Promise<void> {
    const from = await of.run(async (node) => node.position)
    await of.run((node) => node.event(at, from))
    const code = await victim.kill()
    if (code !== killedCode) throw new Error(`${victim.name} ended with ${code} when it was killed`)
    const wasAtWork =
      before === undefined ? undefined : await of.run(async (node) => node.sequenceOf(before, from) === 0)
    await victim.start()
    await victim.atWork()
    const killed = { name: victim.name, at, wasAtWork }
    this.killed.push(killed)
    this.#onKilled(killed)
  }
}

function killsIn({ control, member, nats, mongodb }: ContainerWorld): Kill[] {
  return [
    { victim: control.of('archiver'), at: 'ArchivingStarted', of: control, before: 'ArchiveCreated' },
    { victim: control.of('seeder'), at: 'DownloadStarted', of: member, before: 'ArchivesDownloaded' },
    { victim: member.of('fetcher'), at: 'DownloadStarted', of: member, before: 'DownloadFinished' },
    { victim: control.of('magnet-dispatcher'), at: 'SeedingStarted', of: control, before: 'MagnetLinkDispatched' },
    { victim: member.of('seeder'), at: 'DownloadFinished', of: member, before: 'SeedingStarted' },
    { victim: nats, at: 'ArchivingStarted', of: control, before: 'ArchiveCreated' },
    { victim: mongodb, at: 'ArchivingStarted', of: control, before: 'ArchiveCreated' },
    { victim: control.of('scheduler'), at: 'ArchiveDue', of: control },
    { victim: control.of('gateway'), at: 'ArchiveDue', of: control },
    { victim: member.of('gateway'), at: 'MagnetLinkReceived', of: member },
    { victim: control.of('collector'), at: 'ArchiveDue', of: control },
    { victim: member.of('collector'), at: 'MagnetLinkReceived', of: member },
    { victim: control.of('fetcher'), at: 'ArchiveDue', of: control },
    { victim: control.of('prober'), at: 'ArchiveDue', of: control },
  ]
}
