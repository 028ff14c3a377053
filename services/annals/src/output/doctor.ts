import type { Examination, Fix } from '../doctor/examine.ts'
import type { Result } from '../doctor/run-checks.ts'
import { printable } from './format.ts'

/** Where a line of text ends, where the terminal does not say how wide it is. */
const usualColumns = 120

/** One line for each thing that was looked at, and below what is not as it should be, what to do. */
export function examinationText(examination: Examination, columns = usualColumns): string {
  const { results, fixes } = examination
  const checkWidth = Math.max(...results.map(({ check }) => check.length))
  const verdictWidth = 'not checked'.length
  const indent = ' '.repeat(verdictWidth + checkWidth + 4)
  const lines = results.flatMap((result, number) => {
    const next = results[number + 1]
    // Once for several of the same kind.
    const advice = next?.check === result.check && next.kind === result.kind ? undefined : result.advice
    const start = `${result.verdict.padEnd(verdictWidth)}  ${result.check.padEnd(checkWidth)}  `
    const texts = [foundText(result), ...(advice === undefined ? [] : [`→ ${advice}`])]
    return texts
      .flatMap((text) => wrap(printable(text), Math.max(30, columns - indent.length)))
      .map((line, index) => `${index === 0 ? start : indent}${line}`.trimEnd())
  })
  return `${[...lines, '', ...fixes.map(fixText), summaryText(examination)].join('\n')}\n`
}

function foundText({ about, found, expected }: Result): string {
  const what = about === undefined ? found : `${about}: ${found}`
  return expected === undefined ? what : `${what} (expected: ${expected})`
}

function fixText({ check, about, error }: Fix): string {
  const what = [check, ...(about === undefined ? [] : [about])].join(' ')
  return error === undefined ? `fixed: ${what}` : printable(`could not fix ${what}: ${error}`)
}

function summaryText({ results, engines }: Examination): string {
  const count = (verdict: Result['verdict']): number => results.filter((each) => each.verdict === verdict).length
  const set = engines === 'embedded' ? 'the embedded set' : 'NATS and MongoDB'
  const numbers = `${count('problem')} problems, ${count('warning')} warnings, ${count('not checked')} not checked`
  return `${set}: ${numbers}, ${count('ok')} ok`
}

/** Breaks a text between words. */
function wrap(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
