import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestGateway } from '@annals/gateway/testing'
import { startTestGateway } from '@annals/gateway/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli, runJson } from './testing/run-cli.ts'

let gateway: TestGateway
let folder: string
let communityId: string
beforeEach(async () => {
  gateway = await startTestGateway()
  folder = await mkdtemp(join(tmpdir(), 'annals-tokens-'))
  ;({ communityId } = await runJson<{ communityId: string }>(['community', 'add', '--name', 'One'], env()))
})
afterEach(async () => {
  await gateway[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const env = (): Record<string, string> => ({ ANNALS_DATA: gateway.context.config.dataFolder })

async function statusWith(token: string): Promise<number> {
  const url = `http://127.0.0.1:${gateway.http?.port}/api/v1/communities/${communityId}`
  return (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status
}

describe('tokens', () => {
  it('are written into a file for one user alone, open their communities, and nothing once revoked', async () => {
    const out = join(folder, 'ada.token')
    const create = ['tokens', 'create', '--community', communityId, '--label', 'Ada', '--out', out]
    const { tokenId } = await runJson<{ tokenId: string }>(create, env())
    expect((await stat(out)).mode & 0o777).toBe(0o600)
    const token = (await readFile(out, 'utf8')).trim()
    expect(await statusWith(token)).toBe(200)
    const { stdout } = await runCli(['tokens', 'list'], env())
    expect(stdout).toContain(tokenId)
    expect(stdout).toContain('Ada')
    expect(stdout).not.toContain(token)
    expect(await runCli(['tokens', 'revoke', tokenId], env())).toMatchObject({ exitCode: 0 })
    expect(await statusWith(token)).toBe(401)
    expect(await runCli(['tokens', 'revoke', tokenId], env())).toMatchObject({ exitCode: 1 })
  })

  it('that cannot be written down are none', async () => {
    const out = join(folder, 'there')
    await writeFile(out, '')
    const { exitCode } = await runCli(['tokens', 'create', '--community', communityId, '--out', out], env())
    expect(exitCode).toBe(2)
    expect((await runCli(['tokens', 'list'], env())).stdout).toContain('no tokens yet')
  })
})

it('a community is made public and private again', async () => {
  expect((await runCli(['community', 'public', communityId], env())).stdout).toMatch(/read by +everybody/)
  expect((await runCli(['community', 'private', communityId], env())).stdout).toMatch(/read by +who has a token/)
})
