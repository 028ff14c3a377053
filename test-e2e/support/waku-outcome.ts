import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Archive } from '@annals/proto/api/v1'
import { decodeMagnetMessage } from '@annals/crypto'
import type { MagnetMessage } from '@annals/crypto'
import { archivesOf } from './chronicle.ts'
import type { LivingNode } from './living-node.ts'
import { deadLetters } from './unhandled-events.ts'
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

export type NodeOutcome = ReadOutcome & KeptOutcome

/** What a node answers. */
export interface ReadOutcome {
  readonly held: readonly Line[]
  readonly archives: readonly Archive[]
  readonly infoHash: string
  readonly magnetLink: string
  /** The magnet links of what it sealed, in order. */
  readonly sealedLinks: readonly string[]
  readonly deadLetters: readonly string[]
}

/** What is in a node's folder once it has ended. */
export interface KeptOutcome {
  /** SHA-256 of all archives as they are served, and of their index. */
  readonly dataDigest: string
  readonly indexDigest: string
  /** What `annals replay` finds in the state that the log does not say. */
  readonly differences: readonly unknown[]
}

export async function readByClient(node: LivingNode, communityId: string): Promise<ReadOutcome> {
  const { archives, infoHash, magnetLink } = await archivesOf(node, communityId)
  const sealedLinks = await node.run(async (view) => {
    const links: string[] = []
    view.onEvent('ArchiveCreated', 0, (created) => void links.push(created.magnetLink))()
    return links
  })
  const held = await linesAt(node, communityId)
  return { held, archives, infoHash, magnetLink, sealedLinks, deadLetters: await deadLetters(node) }
}

export async function keptBy(folder: string, communityId: string, infoHash: string): Promise<KeptOutcome> {
  const torrents = join(folder, 'data', 'torrents', communityId)
  const lineages = await readdir(torrents)
  const holding: string[] = []
  for (const lineage of lineages)
    if ((await readdir(join(torrents, lineage))).includes(`${infoHash}.index`)) holding.push(join(torrents, lineage))
  const [lineage = torrents] = holding
  const digest = async (file: string): Promise<string> =>
    createHash('sha256')
      .update(await readFile(join(lineage, file)))
      .digest('hex')
  return {
    dataDigest: await digest('data'),
    indexDigest: await digest(`${infoHash}.index`),
    differences: await replay(join(folder, 'data')),
  }
}

async function replay(dataFolder: string): Promise<readonly unknown[]> {
  const { stdout } = await run(process.execPath, [program, 'replay', '--json', '--data', dataFolder]).catch(
    // It ends with another code where it finds something.
    (error: { stdout: string }) => error,
  )
  return (JSON.parse(stdout) as { differences: unknown[] }).differences
}

export async function announcedFor(world: WakuWorld, communityId: string): Promise<MagnetMessage[]> {
  const heard = await world.chat.heard(announcements(communityId))
  const texts = new Set(heard.map((bytes) => Buffer.from(bytes).toString('hex')))
  return [...texts].map((text) => decodeMagnetMessage(Buffer.from(text, 'hex')))
}
