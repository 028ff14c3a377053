import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Archive } from '@annals/proto/api/v1'
import { decodeMagnetMessage } from '@annals/crypto'
import type { MagnetMessage } from '@annals/crypto'
import { archivesOf } from './chronicle.ts'
import type { LivingNode } from './living-node.ts'
import { deadLetters, eventsInHand } from './unhandled-events.ts'
import { announcements, linesAt } from './waku-rounds.ts'
import type { Line } from './waku-rounds.ts'
import type { WakuWorld } from './waku-world.ts'

const run = promisify(execFile)
const program = join(import.meta.dirname, '..', '..', 'services', 'annals', 'src', 'main.ts')

/** What is there after a history over Waku. */
export interface WakuOutcome {
  readonly communityId: string
  readonly weeksLived: number
  /** What went out and came to a store. */
  readonly said: readonly Line[]
  /** What went out and may have come to nobody. */
  readonly doubtful: readonly string[]
  /** The hashes of what the stores have, together. */
  readonly stored: ReadonlySet<string>
  /** What the network has of the community's announcements, in order, the same bytes once. */
  readonly announced: readonly MagnetMessage[]
  readonly control: NodeOutcome
  readonly reader: NodeOutcome
  readonly listener: NodeOutcome
}

export type NodeOutcome = RunningOutcome & KeptOutcome

/** What there is of a node while it runs. */
export interface RunningOutcome {
  readonly held: readonly Line[]
  readonly archives: readonly Archive[]
  readonly infoHash: string
  readonly magnetLink: string
  /** The magnet links of what it sealed, in order. */
  readonly sealedLinks: readonly string[]
  /** Events that were not handled, or given up. */
  readonly unhandled: readonly string[]
}

/** What is in a node's folder once it has ended. */
export interface KeptOutcome {
  /** SHA-256 of all archives as they are served, and of their index. */
  readonly dataDigest: string
  readonly indexDigest: string
  /** What `annals replay` finds in the state that the log does not say. */
  readonly differences: readonly unknown[]
}

/** Once what was to happen has happened; events that follow from that are waited for. */
export async function readRunning(node: LivingNode, folder: string, communityId: string): Promise<RunningOutcome> {
  const { archives, infoHash, magnetLink } = await archivesOf(node, communityId)
  const sealedLinks = await node.run(async (view) => {
    const links: string[] = []
    view.onEvent('ArchiveCreated', 0, (created) => void links.push(created.magnetLink))()
    return links
  })
  const held = await linesAt(node, communityId)
  return {
    held,
    archives,
    infoHash,
    magnetLink,
    sealedLinks,
    unhandled: [...(await eventsInHand(folder)), ...(await deadLetters(node))],
  }
}

/** @param folder the node's, which has ended */
export async function keptBy(folder: string, communityId: string, infoHash: string): Promise<KeptOutcome> {
  const torrents = join(folder, 'data', 'torrents', communityId)
  const index = (await readdir(torrents, { recursive: true })).find((path) => path.endsWith(`${infoHash}.index`))
  const indexPath = join(torrents, index ?? `${infoHash}.index`)
  return {
    dataDigest: await digestOf(join(dirname(indexPath), 'data')),
    indexDigest: await digestOf(indexPath),
    differences: await replay(join(folder, 'data')),
  }
}

async function digestOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
}

async function replay(dataFolder: string): Promise<readonly unknown[]> {
  const { stdout } = await run(process.execPath, [program, 'replay', '--json', '--data', dataFolder]).catch(
    // It ends with another code where it finds something.
    (error: { stdout: string }) => error,
  )
  return (JSON.parse(stdout) as { differences: unknown[] }).differences
}

/** What stores have of a community's announcements, in order, the same bytes once. */
export async function announcedFor(world: WakuWorld, communityId: string): Promise<MagnetMessage[]> {
  const heard = await world.chat.heard(announcements(communityId))
  const texts = new Set(heard.map((bytes) => Buffer.from(bytes).toString('hex')))
  return [...texts].map((text) => decodeMagnetMessage(Buffer.from(text, 'hex')))
}
