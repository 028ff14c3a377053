import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface ChildLine {
  readonly begun?: boolean
  readonly downloadedBytes?: number
  readonly fetchedBytes?: number
  readonly port?: number
}

export interface ChildNode extends AsyncDisposable {
  readonly process: ChildProcess
  /** Lines it has printed so far. */
  readonly lines: readonly ChildLine[]
  /** The first line, of all it prints, that this holds for; rejects if the process ends without one. */
  until(condition: (line: ChildLine) => boolean): Promise<ChildLine>
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>
}

const script = fileURLToPath(new URL('child-node.ts', import.meta.url))

/** Starts `child-node.ts`. Disposing kills it. */
export function startChildNode(...args: string[]): ChildNode {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines: ChildLine[] = []
  const waiting = new Set<() => void>()
  let gone = false
  const reader = createInterface(child.stdout)
  reader.on('line', (text) => {
    lines.push(JSON.parse(text) as ChildLine)
    for (const look of waiting) look()
  })
  const exited = once(child, 'close')
  child.on('close', () => {
    gone = true
    for (const look of waiting) look()
  })
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
  }
  return {
    process: child,
    lines,
    kill,
    until: (condition) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const line = lines.find(condition)
          if (!line && !gone) return
          waiting.delete(look)
          if (line) resolve(line)
          else reject(new Error(`the child ended without the line; it printed ${JSON.stringify(lines.slice(-3))}`))
        }
        waiting.add(look)
        look()
      }),
    [Symbol.asyncDispose]: kill,
  }
}
