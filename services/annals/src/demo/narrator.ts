import type { ListArchivesResponse } from '@annals/proto/api/v1'
import type { Comparison } from './compare-messages.ts'
import { ProgressBar } from '../progress-bar.ts'
import type { FetchedStep } from './run-demo.ts'

/** Tells the demonstration's story on standard output. */
export class Narrator {
  #steps = 0

  step(text: string): void {
    this.#steps += 1
    write(`\n${this.#steps}  ${text}\n`)
  }

  line(text: string): void {
    write(`   ${text}\n`)
  }

  bar(label: string, total: number, unit: string): ProgressBar {
    return new ProgressBar({ label: `   ${label}`, total, unit })
  }

  table(archives: ListArchivesResponse, steps: readonly FetchedStep[], comparisons: Readonly<Record<string, Comparison>>): void {
    const sum = (key: 'messages' | 'sizeBytes'): number => archives.archives.reduce((total, each) => total + each[key], 0)
    const rows: [string, string][] = [
      ['archives', String(archives.archives.length)],
      ['messages', String(sum('messages'))],
      ['bytes', `${sum('sizeBytes')} of data`],
      ['info hash', archives.infoHash],
      ['magnet link', archives.magnetLink],
      ...steps.map(({ step, archives: count, downloadedBytes }): [string, string] => [
        step,
        `${downloadedBytes} bytes fetched for ${count} archives`,
      ]),
      ...Object.entries(comparisons).map(([member, { identical, messages, differences }]): [string, string] => [
        `member ${member} identical`,
        `${identical ? 'yes' : 'NO'} (${messages} messages)${differences.map((each) => `\n      ${each}`).join('')}`,
      ]),
    ]
    const width = Math.max(...rows.map(([name]) => name.length))
    for (const [name, value] of rows) this.line(`${name.padEnd(width)}  ${value}`)
  }

  next(identical: boolean, folder: string | undefined): void {
    if (!identical) write('\nThe members do not hold what went in. Please report this with the output above.\n')
    else if (folder !== undefined)
      write(`\nEverything is in ${folder}. Try: pnpm annals verify ${folder}/member-c/data/torrents/0x…\n`)
    else write('\nNext: demo --from YOUR-EXPORT.json, demo --keep, or start a node of your own with: pnpm annals up\n')
  }
}

function write(text: string): void {
  process.stdout.write(text)
}
