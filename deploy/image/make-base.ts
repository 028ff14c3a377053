import { execFile } from 'node:child_process'
import { copyFile, cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { aptInstall, type DockerEngine } from './docker-engine.ts'

const run = promisify(execFile)
const certificates = '/etc/ssl/certs/ca-certificates.crt'

/**
 * An image to stand for the one of Node where no registry is reachable: a Debian root folder with this Node and this machine's
 * npm, and the certificates that this machine trusts. One that the engine has is taken.
 * @returns its name
 */
export async function makeBase(engine: DockerEngine, name: string): Promise<string> {
  const isThere = await engine.docker('image', 'inspect', name).then(
    () => true,
    () => false,
  )
  if (isThere) return name
  await aptInstall('mmdebstrap', 'mmdebstrap')
  const rootName = name.replace(':', '-root:')
  const folder = await mkdtemp(join(tmpdir(), 'annals-base-'))
  try {
    const root = join(folder, 'root.tar')
    await run('mmdebstrap', ['--mode=root', '--variant=essential', '--include=libstdc++6', 'bookworm', root], {
      maxBuffer: 1e8,
    })
    await engine.docker('import', root, rootName)
    const context = join(folder, 'context')
    await mkdir(context)
    await copyFile(await realpath(process.execPath), join(context, 'node'))
    const npm = dirname(dirname(await realpath((await run('which', ['npm'])).stdout.trim())))
    await cp(npm, join(context, 'npm'), { recursive: true })
    await copyFile(certificates, join(context, 'certificates'))
    await writeFile(join(context, 'Dockerfile'), recipe(rootName))
    await engine.docker('build', '-t', name, context)
    return name
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function recipe(root: string): string {
  const npm = '/usr/local/lib/node_modules/npm'
  return `FROM ${root}
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin NODE_EXTRA_CA_CERTS=${certificates}
COPY certificates ${certificates}
COPY node /usr/local/bin/node
COPY npm ${npm}
RUN ln -s ${npm}/bin/npm-cli.js /usr/local/bin/npm && ln -s ${npm}/bin/npx-cli.js /usr/local/bin/npx && chmod +x ${npm}/bin/*.js
`
}
