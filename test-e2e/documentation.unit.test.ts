import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventNames } from '@annals/events'
import { settings } from '@annals/service'
import { instruments } from '@annals/telemetry'
import { describe, expect, it } from 'vitest'

const page = (name: string): string => readFileSync(join(import.meta.dirname, '..', 'docs', name), 'utf8')

describe('documentation', () => {
  it('lists every setting with its default and its form, and no other', () => {
    const rows = page('settings.md')
      .split('\n')
      .filter((line) => /^\| `[A-Z]/.test(line))
      .map((line) => line.replaceAll(/ +/g, ' '))
    const expected = Object.values(settings).map(
      ({ variable, default: fallback, expects }) =>
        `| \`${variable}\` | ${fallback === '' ? 'empty' : `\`${fallback}\``} | ${expects} |`,
    )
    expect(rows).toStrictEqual(expected)
  })

  it('lists every metric with its kind, unit, attributes and question, and no other', () => {
    const rows = page('telemetry.md')
      .split('## Metrics')[1]
      ?.split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) => line.replaceAll(/ +/g, ' '))
    const expected = Object.values(instruments).map(({ name, kind, unit, attributes, question }) => {
      const named = attributes.length === 0 ? '–' : attributes.map((each) => `\`${each}\``).join(', ')
      return `| \`${name}\` | ${kind} | \`${unit}\` | ${named} | ${question} |`
    })
    expect(rows).toStrictEqual(expected)
  })

  it('names every event', () => {
    const text = page('events.md')
    expect(eventNames.filter((name) => !text.includes(`\`${name}\``))).toStrictEqual([])
  })
})
