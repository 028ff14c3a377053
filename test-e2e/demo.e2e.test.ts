import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { realData } from './support/real-data.ts'

const program = join(import.meta.dirname, '..', 'services', 'annals', 'src', 'main.ts')

async function demo(...args: string[]): Promise<{ code: unknown; output: string }> {
  const child = spawn(process.execPath, [program, 'demo', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  return { code, output }
}

describe('demo', () => {
  it('shows a history go from a control node to two members, identical at its end', async () => {
    const { code, output } = await demo()
    expect(code, output).toBe(0)
    expect(output).toMatch(/member B identical +yes/)
    expect(output).toMatch(/member C identical +yes/)
  })

  it("does it with the user's own export", async (test) => {
    const { code, output } = await demo('--from', realData(test, 'duraspace-2011q4.ndjson'))
    expect(code, output).toBe(0)
    expect(output).toMatch(/member C identical +yes \(2415 messages\)/)
  })

  it('stops its nodes and deletes its folder when it is interrupted', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'annals-interrupted-'))
    const env = { ...process.env, TMPDIR: folder }
    const child = spawn(process.execPath, [program, 'demo'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const said = text(child.stderr)
    for await (const line of createInterface(child.stdout)) if (line.includes('Member B joins')) break
    child.kill('SIGINT')
    await once(child, 'exit')
    expect(child.exitCode).toBe(1)
    expect(await said).toContain('interrupted')
    expect(await readdir(folder)).toStrictEqual([])
    await rm(folder, { recursive: true })
  })

  it('ends with exit code 1 and says what to do where the export holds nothing', async () => {
    const { code } = await demo('--from', join(import.meta.dirname, 'no-such-export.json'))
    expect(code).toBe(1)
  })
})
