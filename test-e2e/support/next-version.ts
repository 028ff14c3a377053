import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { communityForm } from '@annals/community'
import type { ConfigureNats } from './cluster-world.ts'

const workspace = join(import.meta.dirname, '../..')

/** What the next version writes into every document, and no version before knows. */
export const newerField = 'newerField'

/** What the next version says of a community whenever an archive of it is made, and no version before knows. */
const newerEvent = 'CommunityNoted'

/** A tree of the workspace from which processes of a version are run. */
export interface VersionTree extends AsyncDisposable {
  /** Its command line. */
  readonly program: string
}

/**
 * What a version after this one may do at most (docs/events.md, "Versions"), by file: what stands there, and what takes
 * its place. A text that is not there, or not once, is an error.
 */
const changes: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  // Every event has a field more: number 1000, a text.
  'libs/events/src/encode-event.ts': [
    [
      'return codec.encode(event.payload).finish()',
      "return Buffer.concat([codec.encode(event.payload).finish(), Buffer.from([0xc2, 0x3e, 4]), Buffer.from('next')])",
    ],
  ],
  // There is one event more …
  'libs/events/src/event-types.ts': [
    ['  ArchiveDecrypted,\n}\n', `  ArchiveDecrypted,\n  ${newerEvent}: NoArchiveCreated,\n}\n`],
  ],
  'deploy/needs.ts': [
    ["publishes: ['SeedingStarted', 'Unseeded']", `publishes: ['SeedingStarted', 'Unseeded', '${newerEvent}']`],
    [
      "'CommunityVisibilityChanged',\n          'CommunityLeft',\n",
      `'CommunityVisibilityChanged',\n          'CommunityLeft',\n          '${newerEvent}',\n`,
    ],
  ],
  'services/seeder/src/seeder.ts': [
    [
      '(event) => rounds.reconcile(event.communityId)',
      `async (event) => {
        if (event.name === 'ArchiveCreated')
          await context.bus.publish(
            {
              id: '${newerEvent}/' + event.communityId + '/' + event.payload.to,
              name: '${newerEvent}',
              communityId: event.communityId,
              payload: { from: 0, to: event.payload.to, leftOutMessages: 0 },
            },
            { source: 'seeder' },
          )
        await rounds.reconcile(event.communityId)
      }`,
    ],
  ],
  // … which a state is made of that is gone on with, and which a durable consumer takes that both versions share.
  'libs/community/src/community/community.ts': [
    ["  'CommunityLeft',\n] as const", `  'CommunityLeft',\n  '${newerEvent}',\n] as const`],
    [`export const communityForm = ${communityForm}`, `export const communityForm = ${communityForm + 1}`],
  ],
  'libs/community/src/community/evolve-community.ts': [
    ['    default:', `    case '${newerEvent}':\n      return { notedUntil: event.payload.to }\n    default:`],
  ],
  'libs/storage/src/documents/communities.ts': [
    ['  form: z.number().optional(),', '  form: z.number().optional(),\n  notedUntil: z.number().optional(),'],
  ],
  // Every document has a field more.
  'libs/storage/src/mongo/mongo-collection.ts': [
    [
      'const text = JSON.stringify(value)',
      `const text = JSON.stringify({ ${newerField}: { of: ['next'] }, ...value })`,
    ],
  ],
}

/** The sources that are here, changed as those of the next version may be. */
export async function nextVersion(): Promise<VersionTree> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'annals-next-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  for (const part of ['libs', 'services', 'proto', 'deploy']) await copySources(part, folder)
  // The packages' own links lead to it from where they stand.
  await symlink(join(workspace, 'node_modules'), join(folder, 'node_modules'))
  for (const name of ['package.json', 'pnpm-workspace.yaml']) await cp(join(workspace, name), join(folder, name))
  for (const [name, edits] of Object.entries(changes)) await change(join(folder, name), edits)
  const owned = stack.move()
  return {
    program: join(folder, 'services/annals/src/main.ts'),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** What the NATS users of a version may do, as its operator has it from that version's own table. */
export function configurationOf({ program }: VersionTree): ConfigureNats {
  const module = pathToFileURL(join(program, '../../../../deploy/index.ts')).href
  const script = `import { natsConfiguration } from ${JSON.stringify(module)}
    process.stdout.write(natsConfiguration(...JSON.parse(process.argv[1])))`
  return async (...args) => {
    const options = ['--input-type=module', '--eval', script, JSON.stringify(args)]
    return (await promisify(execFile)(process.execPath, options)).stdout
  }
}

/** Links are copied as they are: those between packages then lead to the copies. */
async function copySources(part: string, folder: string): Promise<void> {
  const left = [`${sep}bench${sep}`, `${sep}testing${sep}`, '.test.ts']
  await cp(join(workspace, part), join(folder, part), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !left.some((each) => source.includes(each) && !source.includes('node_modules')),
  })
}

async function change(file: string, edits: readonly (readonly [string, string])[]): Promise<void> {
  let text = await readFile(file, 'utf8')
  for (const [before, after] of edits) {
    const parts = text.split(before)
    if (parts.length !== 2) throw new Error(`${file} has ${JSON.stringify(before)} ${parts.length - 1} times, not once`)
    text = parts.join(after)
  }
  await writeFile(file, text)
}
