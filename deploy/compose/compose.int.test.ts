import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parseEnv, promisify } from 'node:util'
import { inspectEnv, ownTrackers, readEnv, settings } from '@annals/service'
import { temporaryFolder } from '@annals/sqlite/testing/temporary-folder'
import { beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { services } from '../kubernetes/network-policies.ts'
import { makeSecrets } from './secret-files.ts'

interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>
  readonly volumes: Readonly<Record<string, unknown>>
}
interface ComposeService {
  readonly image: string
  readonly entrypoint?: readonly string[]
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly volumes?: readonly string[]
  readonly stop_grace_period?: string
  readonly ports?: readonly string[]
}

const deploy = join(import.meta.dirname, '..')
const compose = parse(readFileSync(join(deploy, 'compose.yaml'), 'utf8'), { merge: true }) as Compose
const environmentFile = /^--env-file=\/run\/secrets\/(.+)$/

let folder: string
beforeEach(async () => {
  folder = await temporaryFolder('secrets')
  await makeSecrets(folder)
})

function environmentOf({ entrypoint = [], environment = {} }: ComposeService): Record<string, string> {
  const [name = ''] = entrypoint.flatMap((argument) => environmentFile.exec(argument)?.[1] ?? [])
  return { ...parseEnv(readFileSync(join(folder, name), 'utf8')), ...environment } as Record<string, string>
}

describe('the installation of a laptop', () => {
  it('has each service, with settings that it can use', () => {
    for (const service of services) {
      const found = compose.services[service]
      if (found === undefined) throw new Error(`there is no ${service}`)
      expect(found.command).toEqual(['run', service])
      const config = readEnv(environmentOf(found))
      expect(new URL(config.natsUrl).username).toBe(`annals-${service}`)
      expect(Number.parseInt(found.stop_grace_period ?? '', 10)).toBeGreaterThan(config.drainSeconds)
      const known = new Set<string>(Object.values(settings).map(({ variable }) => variable))
      const unknown = Object.keys(environmentOf(found)).filter((name) => !known.has(name))
      expect(unknown).toEqual([])
    }
  })

  it('would fail with the name of a setting that there is not', () => {
    const [service = { image: '' }] = services.flatMap((each) => compose.services[each] ?? [])
    const { problems } = inspectEnv({ ...environmentOf(service), ANNALS_DRAIN: '1' })
    expect(problems.map(({ variable }) => variable)).toEqual(['ANNALS_DRAIN'])
  })

  it('is for this machine alone, but for peers of the seeder, and is found where its magnet links say', () => {
    const published = Object.entries(compose.services).flatMap(([name, { ports = [] }]) =>
      ports.map((port) => [name, port] as const),
    )
    const forOthers = published.filter(([, port]) => !port.startsWith('127.0.0.1:'))
    expect(new Set(forOthers.map(([name]) => name))).toEqual(new Set(['seeder']))
    const { gateway = { image: '' }, archiver = { image: '' } } = compose.services
    const { http } = readEnv(environmentOf(gateway))
    const trackers = ownTrackers(readEnv(environmentOf(archiver))).map((tracker) => new URL(tracker))
    expect(trackers.map(({ protocol }) => protocol)).toEqual(['ws:', 'http:', 'udp:'])
    for (const { protocol, hostname, port } of trackers)
      expect(gateway.ports).toContain(`${hostname}:${port}:${protocol === 'udp:' ? `${port}/udp` : http?.port}`)
    const [announceTo = ''] = readEnv(environmentOf(compose.services['seeder'] ?? { image: '' })).announceTo
    expect(announceTo).toBe(`ws://gateway:${http?.port}/announce`)
  })

  it('names the relay of the Waku node once: two that did would take messages from each other', () => {
    const naming = Object.values(compose.services).filter(({ environment }) => environment?.['ANNALS_WAKU_RELAYS'])
    expect(naming).toHaveLength(1)
  })

  it('mounts volumes that there are, and files that there are', () => {
    const mounts = Object.values(compose.services).flatMap(({ volumes = [] }) => volumes)
    const sources = mounts.map((mount) => mount.split(':')[0] ?? '')
    const isThere = (source: string): boolean =>
      source.startsWith('./') ? existsSync(join(deploy, source)) : Object.hasOwn(compose.volumes, source)
    expect(sources.length).toBeGreaterThan(0)
    expect(sources.filter((source) => !isThere(source))).toEqual([])
  })

  it('has no secret in it: none of those that are made, and no place for one', () => {
    const text = readFileSync(join(deploy, 'compose.yaml'), 'utf8')
    // Addresses are kept back since they may have a user's name and password in them; these have none.
    const address = 'https?://[a-z0-9:.-]+$'
    const secrets = Object.values(settings).filter(({ secret }) => secret)
    const standing = secrets.filter(({ variable }) => new RegExp(`^ +${variable}: (?!${address})`, 'm').test(text))
    expect(standing).toEqual([])
  })
})

describe('secrets that are made up', () => {
  it('stay as they are once they are all there, and are made anew where some are missing', async () => {
    const contents = async (): Promise<string[]> =>
      (await readdir(folder)).toSorted().map((name) => readFileSync(join(folder, name), 'utf8'))
    const before = await contents()
    expect(await makeSecrets(folder)).toEqual([])
    expect(await contents()).toEqual(before)
    await rm(join(folder, 'complete'))
    expect(await makeSecrets(folder)).toHaveLength(before.length)
    expect(await contents()).not.toEqual(before)
  })

  it('are kept where a version has a service more, which gets its own beside them', async () => {
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
    const [seeder, key] = [read('seeder.env'), read('master.key')]
    await rm(join(folder, 'prober.env'))
    expect(await makeSecrets(folder)).toEqual(['prober.env', 'nats-accounts.conf'])
    expect([read('seeder.env'), read('master.key')]).toEqual([seeder, key])
    const password = new URL(parseEnv(read('prober.env'))['NATS_URL'] ?? '').password
    expect(read('nats-accounts.conf')).toContain(password)
    const mongodb = (name: string): string | undefined => parseEnv(read(name))['MONGODB_URI']
    expect(mongodb('prober.env')).toBe(mongodb('seeder.env'))
    expect(await makeSecrets(folder)).toEqual([])
  })

  it('are for their user alone where they are for services', async () => {
    for (const name of ['gateway.env', 'master.key']) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
  })

  it('are made by a program of the image', async () => {
    const other = await temporaryFolder('secrets')
    const program = join(import.meta.dirname, 'make-secrets.ts')
    const { stdout } = await promisify(execFile)(process.execPath, [program, other])
    expect(stdout.split('\n')).toContain('made master.key')
    expect((await readdir(other)).toSorted()).toEqual((await readdir(folder)).toSorted())
  })
})
