import { execFile } from 'node:child_process'
import { copyFile, cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openServerParts, type ServerParts } from '@annals/local-servers'
import type { DockerEngine } from './docker-engine.ts'

const run = promisify(execFile)

/** What no server needs. */
const leftOut = ['./usr/share/doc', './usr/share/man', './usr/share/locale', './dev', './proc', './sys']

/** Images of servers, by what stands in the manifests. */
export interface ServerImages {
  readonly nats: string
  /** FerretDB on PostgreSQL where MongoDB's own cannot be had. */
  readonly mongodb: string
  readonly isMongoDb: boolean
}

/**
 * Sees to it that the engine has images of the servers that a manifest names: from where images come from, else made of what
 * `@annals/local-servers` has in its cache. Those that are made have the same entry points, users and folders.
 * @throws ServerUnavailableError; what docker fails with
 */
export async function makeServerImages(
  engine: DockerEngine,
  names: { readonly nats: string; readonly mongodb: string },
  say: (line: string) => void,
): Promise<ServerImages> {
  const nats = await has(engine, names.nats)
  const mongodb = await has(engine, names.mongodb)
  if (nats && mongodb) return { ...names, isMongoDb: true }
  say('images of servers cannot be had: making them')
  const parts = await openServerParts({ onProgress: say })
  return {
    nats: nats ? names.nats : await makeNatsImage(engine, 'annals-nats', parts),
    mongodb: mongodb ? names.mongodb : await makeMongoImage(engine, 'annals-ferretdb', parts),
    isMongoDb: mongodb,
  }
}

/** A Waku node of this repository that takes the arguments of nwaku's image and does not look at them. @returns its name */
export async function makeWakuImage(engine: DockerEngine, name: string, base: string): Promise<string> {
  const { wakuNode } = await openServerParts()
  const node = ['/waku-node', '-address=0.0.0.0', '-rest-port=8645', '-min-relay-peers=0', '-store-db=/data/store.db']
  const topic = '-pubsub-topic=/waku/2/rs/16/32'
  const recipe = `FROM ${base}
COPY waku-node /waku-node
VOLUME /data
EXPOSE 8645
ENTRYPOINT ${JSON.stringify(['sh', '-c', `exec ${[...node, topic].join(' ')}`])}
`
  return build(engine, name, recipe, (context) => copyFile(wakuNode, join(context, 'waku-node')))
}

function has(engine: DockerEngine, image: string): Promise<boolean> {
  return engine.docker('pull', image).then(
    () => true,
    () => false,
  )
}

/** As the image of NATS itself is: one program on nothing. */
async function makeNatsImage(engine: DockerEngine, name: string, { natsServer }: ServerParts): Promise<string> {
  const recipe = `FROM scratch
COPY nats-server /nats-server
EXPOSE 4222 8222
ENTRYPOINT ["/nats-server"]
`
  return build(engine, name, recipe, (context) => copyFile(natsServer, join(context, 'nats-server')))
}

/** FerretDB on PostgreSQL with the port, the user, the folders and the variables of MongoDB's image. */
async function makeMongoImage(engine: DockerEngine, name: string, parts: ServerParts): Promise<string> {
  const { ferretdb, postgres } = parts
  await importRoot(engine, `${name}-root`, postgres.root)
  const recipe = `FROM ${name}-root
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin POSTGRES_PROGRAMS=${postgres.programs}
COPY --chown=999:999 template /template
COPY ferretdb entrypoint.sh /usr/local/bin/
COPY postgres-arguments /etc/postgres-arguments
RUN mkdir -p /data/db /data/configdb && chown 999:999 /data/db /data/configdb
VOLUME /data/db /data/configdb
EXPOSE 27017
ENTRYPOINT ["/usr/local/bin/entrypoint.sh"]
`
  return build(engine, name, recipe, async (context) => {
    await cp(postgres.template, join(context, 'template'), { recursive: true })
    await copyFile(ferretdb, join(context, 'ferretdb'))
    await copyFile(join(import.meta.dirname, 'mongodb', 'entrypoint.sh'), join(context, 'entrypoint.sh'))
    await writeFile(join(context, 'postgres-arguments'), `${postgres.arguments.join(' ')}\n`)
  })
}

async function importRoot(engine: DockerEngine, name: string, root: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'annals-root-'))
  try {
    const archive = join(folder, 'root.tar')
    const excluded = leftOut.map((path) => `--exclude=${path}/*`)
    await run('tar', ['-C', root, '--numeric-owner', ...excluded, '-cf', archive, '.'])
    await engine.docker('import', archive, name)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Builds an image out of a folder that is filled for it. @returns its name */
async function build(
  engine: DockerEngine,
  name: string,
  recipe: string,
  fill: (context: string) => Promise<void>,
): Promise<string> {
  const context = await mkdtemp(join(tmpdir(), 'annals-image-'))
  try {
    await fill(context)
    await writeFile(join(context, 'Dockerfile'), recipe)
    await engine.docker('build', '-t', name, context)
    return name
  } finally {
    await rm(context, { recursive: true, force: true })
  }
}
