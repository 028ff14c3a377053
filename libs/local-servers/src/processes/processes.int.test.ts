import { once } from 'node:events'
import { CommandFailedError } from '../errors.ts'
import { describe, expect, it, vi } from 'vitest'
import { isRunning } from '../testing/is-running.ts'
import { askProgram, runCommand } from './run-command.ts'
import { spawnSupervised } from './spawn-supervised.ts'
import type { SupervisedProcess } from './spawn-supervised.ts'

async function firstLine(run: SupervisedProcess): Promise<string> {
  const [line] = (await once(run.output[0] ?? process.stdin, 'data')) as [Buffer]
  return String(line).trim()
}

describe('a supervised process', () => {
  it('takes all that it started with it when it is killed', async () => {
    const run = spawnSupervised('sh', ['-c', 'sleep 100000 & echo $!; wait'])
    const grandchild = Number(await firstLine(run))
    await run.kill()
    expect(await run.ended).toBe('SIGKILL')
    // A process closes its files a moment before it is gone.
    await vi.waitUntil(() => !isRunning(grandchild))
  })

  it('leaves nothing of what it started when it ends by itself', async () => {
    const run = spawnSupervised('sh', ['-c', 'sleep 100000 & echo $!; exit 4'])
    const grandchild = Number(await firstLine(run))
    expect(await run.ended).toBe(4)
    // A process closes its files a moment before it is gone.
    await vi.waitUntil(() => !isRunning(grandchild))
  })

  it('can end in order when it is stopped', async () => {
    const run = spawnSupervised('sh', ['-c', 'trap "exit 5" INT; echo ready; while :; do sleep 0.01; done'])
    await firstLine(run)
    await run.stop()
    expect(await run.ended).toBe(5)
  })
})

describe('running a program to its end', () => {
  it('answers what it said', async () => {
    expect(await runCommand('sh', ['-c', 'echo one; echo two'])).toStrictEqual(['one', 'two'])
  })

  it('fails with how it ended and its last words', async () => {
    const failing = runCommand('sh', ['-c', 'echo "no space" >&2; exit 3'])
    await expect(failing).rejects.toThrow(CommandFailedError)
    await expect(failing).rejects.toMatchObject({ ending: 3, output: 'no space' })
  })

  it('fails with the reason when it is told to stop', async () => {
    const stop = new AbortController()
    const reason = new Error('not wanted any more')
    const onLine = (): void => stop.abort(reason)
    const running = runCommand('sh', ['-c', 'echo ready; exec sleep 100000'], { signal: stop.signal, onLine })
    await expect(running).rejects.toBe(reason)
  })

  it('answers nothing of a program that is missing', async () => {
    expect(await askProgram('no-such-program-of-annals', '--version')).toBe(undefined)
  })
})
