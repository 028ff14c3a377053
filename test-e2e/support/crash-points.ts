import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Comparison } from '@annals/annals'
import { compareMessages } from '@annals/annals'
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

const rounds = 2
const chronicle = new Chronicle(rounds, 6, 1)
const program = join(import.meta.dirname, 'crashing-node.main.ts')
/** Worlds at once: there are few processors. */
const atOnce = 2

export interface CrashPlan {
  /** A crash before each effect where it is 1, before every third where it is 3. */
  readonly every: number
  /** Which one comes first, if not all. */
  readonly seed: number
  readonly onCrash?: (crashes: number, planned: number) => void
}

export interface CrashReport {
  /** Effects of the run without a crash. */
  readonly effects: number
  readonly crashes: number
  /** The crashes that changed what came of it. */
  readonly different: readonly unknown[]
}

/** Lets a control node crash right before its effects, one crash a run, and compares with a run without. */
export async function crashControl(plan: CrashPlan): Promise<CrashReport> {
  await using trackerWorld = await World.create(beginning)
  return await crashBeforeEach(plan, async (effects) => {
    await using world = await World.create(beginning + week, trackerWorld)
    await using control = crashing(world, 'control', effects)
    const communityId = await addControlled(control)
    for (let round = 0; round < rounds; round += 1) await sealRound(world, control, communityId, chronicle, round)
    return {
      archives: await archivesOf(control, communityId),
      announced: await announcementsOf(world, communityId),
      held: await heldBy(control, communityId, rounds),
    }
  })
}

/** As `crashControl`, with a member. */
export async function crashMember(plan: CrashPlan): Promise<CrashReport> {
  await using world = await World.create(beginning + week)
  await using control = new RestartableNode(world, 'control')
  const communityId = await addControlled(control)
  const first = await sealRound(world, control, communityId, chronicle, 0)
  let runs = 0
  return await crashBeforeEach(plan, async (effects) => {
    runs += 1
    await using member = crashing(world, `member-${runs}`, effects)
    await addMember(member, communityId)
    await waitUntilServed(member, first)
    return { archives: await archivesOf(member, communityId), held: await heldBy(member, communityId, 1) }
  })
}

interface Effects {
  /** Right before this one it crashes, counted from 1; never where it is 0. */
  readonly crashAt: number
  readonly file: string
  /** Where what was compiled is kept: there are hundreds of starts. */
  readonly compileCache: string
}

function crashing(world: World, name: string, { crashAt, file, compileCache }: Effects): RestartableNode {
  const environment = { CRASH_AT: String(crashAt), EFFECTS_FILE: file, NODE_COMPILE_CACHE: compileCache }
  return new RestartableNode(world, name, world.start(name, { program, environment }))
}

function heldBy(node: RestartableNode, communityId: string, roundsHeld: number): Promise<Comparison> {
  return node.run((live) => compareMessages(chronicle.through(roundsHeld - 1), communityId, live.messages(communityId)))
}

/** Runs once without a crash, then once for each effect of that run that the plan takes. */
async function crashBeforeEach(
  { every, seed, onCrash }: CrashPlan,
  run: (effects: Effects) => Promise<unknown>,
): Promise<CrashReport> {
  const folder = await mkdtemp(join(tmpdir(), 'annals-effects-'))
  await using _folder = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
  const effectsOf = (crashAt: number): Effects => {
    return { crashAt, file: join(folder, String(crashAt)), compileCache: join(folder, 'compiled') }
  }
  const expected = await run(effectsOf(0))
  const effects = await namesIn(effectsOf(0).file)
  const planned = effects.map((_, index) => index + 1).filter((crashAt) => (crashAt + seed) % every === 0)
  const different: unknown[] = []
  let crashes = 0
  const left = planned.values()
  const worker = async (): Promise<void> => {
    for (const crashAt of left) {
      const outcome = await run(effectsOf(crashAt))
      if (!isDeepStrictEqual(outcome, expected))
        different.push({ crashAt, before: (await namesIn(effectsOf(crashAt).file)).at(-1), outcome, expected })
      crashes += 1
      onCrash?.(crashes, planned.length)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return { effects: effects.length, crashes, different }
}

async function namesIn(file: string): Promise<string[]> {
  return (await readFile(file, 'utf8')).trim().split('\n')
}
