import type { ListArchivesResponse } from '@annals/proto/api/v1'
import type { Comparison } from './compare-messages.ts'
import type { Cli } from '../cli.ts'
import { ProgressBar } from '../progress-bar.ts'
import type { FetchedStep } from './fetched-step.ts'

/** Tells the demonstration's story on standard output. */
export class Narrator {
  readonly #stdout: Cli['stderr']
  #steps = 0

  constructor(stdout: Cli['stderr']) {
    this.#stdout = stdout
  }

  step(text: string): void {
    this.#steps += 1
    this.#write(`\n${this.#steps}  ${text}\n`)
  }

  line(text: string): void {
    this.#write(`   ${text}\n`)
  }

  bar(what: string): ProgressBar {
    return new ProgressBar(this.#stdout, `   ${what}`)
  }

  table(
    archives: ListArchivesResponse,
    steps: readonly FetchedStep[],
    comparisons: Readonly<Record<string, Comparison>>,
  ): void {
    const sum = (key: 'messages' | 'sizeBytes'): number =>
      archives.archives.reduce((total, each) => total + each[key], 0)
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
    if (!identical) this.#write('\nThe members do not hold what went in. Please report this with the output above.\n')
    else if (folder !== undefined)
      this.#write(`\nEverything is in ${folder}. Try: pnpm annals verify ${folder}/member-c/data/torrents/0x…\n`)
    else
      this.#write(
        '\nNext: demo --from YOUR-EXPORT.json, demo --keep, or start a node of your own with: pnpm annals up\n',
      )
  }

  page(address: string): void {
    this.#write(`\nThe nodes run on until Ctrl-C. Look at the control node in a browser: ${address}\n`)
  }

  #write(text: string): void {
    this.#stdout.write(text)
  }
}
