import { stripVTControlCharacters } from 'node:util'

/** Unix seconds as UTC, to the second; a dash for none. */
export function timeText(seconds: number | undefined): string {
  return seconds === undefined ? '-' : new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}

/** Unix milliseconds as UTC. */
export function momentText(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

export function bytesText(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

export function durationText(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const
  const first = parts.findIndex(([count]) => count > 0)
  if (first === -1) return '0 s'
  return parts
    .slice(first, first + 2)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ')
}

/** A long id, recognisable. */
export function shortId(id: string): string {
  return id.length > 16 ? `${id.slice(0, 10)}…${id.slice(-4)}` : id
}

/** Text that came from elsewhere, and may not steer the terminal. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return stripVTControlCharacters(text).replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f]/g, ' ')
}

const maxLineCharacters = 120

/** What of a text fits into a table. */
export function firstLine(text: string): string {
  const [line = ''] = printable(text.trimStart()).split('\n')
  return line.length > maxLineCharacters ? `${line.slice(0, maxLineCharacters - 1)}…` : line.trimEnd()
}
