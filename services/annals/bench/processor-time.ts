import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts processor time in hundredths of a second, on all machines that matter. */
const tickMilliseconds = 10

interface ProcessTime {
  readonly parent: string
  readonly name: string
  readonly milliseconds: number
}

/**
 * Processor time of this process and all that it started, by program, milliseconds; empty where there is no `/proc`. Other
 * people's work changes it much less than the time that passes.
 */
export function processorTimes(): Map<string, number> {
  const all = new Map(processIds().flatMap((id) => timeOf(id) ?? []))
  const isOwn = (id: string): boolean => {
    const found = all.get(id)
    return id === String(process.pid) || (found !== undefined && isOwn(found.parent))
  }
  const times = new Map<string, number>()
  for (const [id, { name, milliseconds }] of all) {
    if (!isOwn(id)) continue
    const program = id === String(process.pid) ? 'bench' : name
    times.set(program, (times.get(program) ?? 0) + milliseconds)
  }
  return times
}

/** What the programs used since, as text: milliseconds for each of so many pieces of work. */
export function processorTimeSince(before: ReadonlyMap<string, number>, pieces: number): string {
  return [...processorTimes()]
    .map(([name, milliseconds]) => ({ name, each: (milliseconds - (before.get(name) ?? 0)) / pieces }))
    .filter(({ each }) => each >= 0.005)
    .toSorted((a, b) => b.each - a.each)
    .map(({ name, each }) => `${name} ${each.toFixed(2)}`)
    .join(', ')
}

function processIds(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    return []
  }
}

function timeOf(id: string): [[string, ProcessTime]] | undefined {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, 'utf8')
    const end = stat.lastIndexOf(')')
    const name = stat.slice(stat.indexOf('(') + 1, end)
    const fields = stat.slice(end + 2).split(' ')
    const milliseconds = (Number(fields[11]) + Number(fields[12])) * tickMilliseconds
    return [[id, { parent: fields[1] ?? '', name, milliseconds }]]
  } catch {
    // It ended.
    return undefined
  }
}
