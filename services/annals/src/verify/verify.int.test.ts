import { existsSync } from 'node:fs'
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli.ts'
import type { VerifyReport } from './verify-source.ts'

const vectors = join(import.meta.dirname, '../../../../../shared/data/vectors')
const present = existsSync(vectors)
const communityId = '0x025207d21cd65c99dd77a5fb3bb639e91e78c910495e1a754fab08bef99529a93a'

async function verify(what: string): Promise<VerifyReport & { exitCode: number }> {
  const { exitCode, stdout, stderr } = await runCli(['verify', what, '--json'])
  if (stdout === '') throw new Error(`nothing was said but: ${stderr}`)
  return { ...(JSON.parse(stdout) as VerifyReport), exitCode }
}

async function steps(kind: 'plain' | 'encrypted'): Promise<string[]> {
  const folders: string[] = []
  for (const each of await readdir(join(vectors, kind), { recursive: true, withFileTypes: true }))
    if (each.name === 'index') folders.push(each.parentPath)
  return folders.toSorted()
}

interface Expected {
  archivesByOffset: { id: string; messageCount?: number; messageHashes: string[] }[]
  infohash: string
}

// What status-go made lies beside the repository, not in it. Where it is absent, these tests are skipped, but not in CI.
describe.skipIf(!present && process.env['CI'] === undefined)('verify (needs ../shared/data/vectors)', () => {
  let scratch: string
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'annals-verify-'))
  })
  afterAll(() => rm(scratch, { recursive: true }))

  let copies = 0
  /** A copy of a case with its torrent; answers its folder. */
  async function copy(step: string, torrent = true): Promise<string> {
    const to = join(scratch, String(copies++))
    await cp(join(vectors, 'plain', step), to, { recursive: true })
    if (!torrent) await rm(join(to, `${communityId}.torrent`))
    return join(to, communityId)
  }

  it('holds of everything that status-go made, with the archives and the info hash it says', async () => {
    for (const folder of await steps('plain')) {
      const expected = JSON.parse(await readFile(join(folder, '../expected.json'), 'utf8')) as Expected
      const whole = existsSync(join(folder, 'data'))
      const report = await verify(whole ? folder : `${folder}.torrent`)
      expect({ folder, exitCode: report.exitCode, holds: report.holds, infoHash: report.infoHash }).toEqual({
        folder,
        exitCode: 0,
        holds: true,
        infoHash: expected.infohash,
      })
      expect(report.checked).toBe(whole ? 'content' : 'structure')
      expect(report.archives.map(({ archiveId }) => archiveId)).toEqual(expected.archivesByOffset.map(({ id }) => id))
    }
  })

  it('counts the messages of real archives', async () => {
    expect(await verify(join(vectors, 'plain/g-real-one-run/step1', communityId))).toMatchObject({
      messages: 2415,
      undecodable: 0,
      communityId,
    })
  })

  it('can say of encrypted archives only that their pieces are right, or not', async () => {
    for (const folder of await steps('encrypted'))
      expect(await verify(folder)).toMatchObject({ holds: true, checked: 'structure' })
    const [first = ''] = await steps('encrypted')
    const to = join(scratch, 'encrypted')
    await cp(join(first, '..'), to, { recursive: true })
    await damage(join(to, communityId, 'data'), 5000)
    expect(await verify(join(to, communityId))).toMatchObject({ holds: false, exitCode: 1 })
  })

  it('finds a damaged byte of data wherever it is, where the torrent is known', async () => {
    const folder = await copy('c-append/step4')
    const data = await readFile(join(folder, 'data'))
    for (let at = 0; at < data.length; at += Math.ceil(data.length / 25)) {
      const damaged = Buffer.from(data)
      damaged[at] = (damaged[at] as number) ^ 0xff
      await writeFile(join(folder, 'data'), damaged)
      const report = await verify(folder)
      const wrong = report.archives.filter((archive) => archive.problems.length > 0)
      expect(wrong.map(({ offsetBytes, sizeBytes }) => offsetBytes <= at && at < offsetBytes + sizeBytes)).toEqual([
        true,
      ])
      expect(report.exitCode).toBe(1)
    }
  })

  it('finds padding that is not zero, without a torrent', async () => {
    const folder = await copy('a-one-small/step1', false)
    const { length } = await readFile(join(folder, 'data'))
    await damage(join(folder, 'data'), length - 1)
    const report = await verify(folder)
    expect(report).toMatchObject({ holds: false, messages: 20 })
    expect(report.infoHash).toBeUndefined()
  })

  it('finds data that is cut off, goes on too long, or is missing', async () => {
    for (const torrent of [true, false]) {
      const folder = await copy('c-append/step4', torrent)
      const data = await readFile(join(folder, 'data'))
      for (const length of [0, 1, 102_399, 102_400, data.length - 1, data.length - 102_400]) {
        await writeFile(join(folder, 'data'), data.subarray(0, length))
        expect(await verify(folder)).toMatchObject({ holds: false, exitCode: 1 })
      }
      await writeFile(join(folder, 'data'), Buffer.concat([data, Buffer.alloc(102_400)]))
      expect(await verify(folder)).toMatchObject({ holds: false })
      await rm(join(folder, 'data'))
      expect(await verify(folder)).toMatchObject({ holds: false })
    }
  })

  it('finds an index that was changed or cut off anywhere, also without a torrent', async () => {
    const folder = await copy('c-append/step4', false)
    const index = await readFile(join(folder, 'index'))
    for (let at = 0; at < index.length; at += 3) {
      const changed = Buffer.from(index)
      changed[at] = (changed[at] as number) ^ 0x04
      await writeFile(join(folder, 'index'), changed)
      expect((await verify(folder)).holds, `byte ${at}`).toBe(false)
      await writeFile(join(folder, 'index'), index.subarray(0, at))
      expect((await verify(folder)).holds, `cut at ${at}`).toBe(false)
    }
  })

  it('finds a torrent that belongs to other files', async () => {
    const folder = await copy('c-append/step4')
    await cp(join(vectors, 'plain/c-append/step2', `${communityId}.torrent`), `${folder}.torrent`)
    expect(await verify(folder)).toMatchObject({ holds: false })
  })

  it('says in words for people what holds and what does not', async () => {
    const folder = await copy('a-one-small/step1')
    const good = await runCli(['verify', folder])
    expect(good.exitCode).toBe(0)
    expect(good.stdout).toContain('everything holds')
    await damage(join(folder, 'data'), 3)
    const bad = await runCli(['verify', folder])
    expect(bad.exitCode).toBe(1)
    expect(bad.stdout).toContain('does NOT hold')
  })

  it('fails, with words, on what is nothing of the kind', async () => {
    const notATorrent = join(scratch, 'x.torrent')
    await writeFile(notATorrent, 'd4:infod4:name1:xee')
    for (const what of [
      scratch,
      join(scratch, 'absent'),
      notATorrent,
      'magnet:?xt=urn:btih:x',
      'magnet:?xt=urn:btih:' + 'a'.repeat(40),
    ]) {
      const { exitCode, stdout, stderr } = await runCli(['verify', what])
      expect({ what, exitCode, stdout }).toEqual({ what, exitCode: 1, stdout: '' })
      expect(stderr).toMatch(/^annals: /)
    }
  })
})

async function damage(file: string, at: number): Promise<void> {
  const bytes = await readFile(file)
  bytes[at] = (bytes[at] as number) ^ 0xff
  await writeFile(file, bytes)
}
