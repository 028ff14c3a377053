import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { HttpAddressUnavailableError } from '../gateway-errors.ts'
import { startTestGateway } from '../testing/index.ts'

async function openFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'annals-http-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

async function portWithin(folder: string, env: Record<string, string> = {}): Promise<number | undefined> {
  await using gateway = await startTestGateway({ env: { ANNALS_DATA: folder, ...env } })
  return gateway.http?.port
}

it('takes a free port, and the same one after a restart', async () => {
  await using folder = await openFolder()
  const port = await portWithin(folder.path)
  expect(port).toBeGreaterThan(0)
  expect(await portWithin(folder.path)).toBe(port)
})

it('takes another one where somebody else has it by then, and fails where the settings name it', async () => {
  await using folder = await openFolder()
  const port = await portWithin(folder.path)
  const other = createServer().listen(port, '127.0.0.1')
  await once(other, 'listening')
  try {
    const elsewhere = await portWithin(folder.path)
    expect(elsewhere).not.toBe(port)
    expect(await portWithin(folder.path)).toBe(elsewhere)
    await expect(portWithin(folder.path, { ANNALS_HTTP: `127.0.0.1:${port}` })).rejects.toThrow(
      HttpAddressUnavailableError,
    )
  } finally {
    other.close()
  }
})
