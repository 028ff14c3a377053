import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { run } from '../runner/run-command.ts'
import type { VersionTree } from './next-version.ts'

const workspace = join(import.meta.dirname, '../..')

/** There is no such version here, or it cannot be made ready to run. */
export class VersionUnavailableError extends Error {
  override readonly name = 'VersionUnavailableError'
  readonly revision: string

  constructor(revision: string, reason: string, cause?: unknown) {
    super(`the version ${revision} cannot be run: ${reason}`, { cause })
    this.revision = revision
  }
}

/**
 * The sources of a commit, with the dependencies of its own lock file. @throws VersionUnavailableError
 */
export async function earlierVersion(revision: string): Promise<VersionTree> {
  await using stack = new AsyncDisposableStack()
  try {
    await promisify(execFile)('git', ['cat-file', '-e', `${revision}^{commit}`], { cwd: workspace })
  } catch (cause) {
    const hint = 'this clone has no such commit; get its whole history (git fetch --unshallow), or name another one'
    throw new VersionUnavailableError(revision, hint, cause)
  }
  const folder = await mkdtemp(join(tmpdir(), 'annals-earlier-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const archive = join(folder, 'sources.tar')
  if (!(await run('git', ['-C', workspace, 'archive', `--output=${archive}`, revision])))
    throw new VersionUnavailableError(revision, 'git archive failed')
  if (!(await run('tar', ['-xf', archive], folder))) throw new VersionUnavailableError(revision, 'tar failed')
  const install = ['--yes', 'pnpm@12', 'install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only']
  if (!(await run('npx', install, folder)))
    throw new VersionUnavailableError(revision, 'its dependencies are not to be had')
  const owned = stack.move()
  return {
    program: join(folder, 'services/annals/src/main.ts'),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
