import { spawn } from 'node:child_process'
import { once } from 'node:events'
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

  it('ends with exit code 1 and says what to do where the export holds nothing', async () => {
    const { code } = await demo('--from', join(import.meta.dirname, 'no-such-export.json'))
    expect(code).toBe(1)
  })
})
