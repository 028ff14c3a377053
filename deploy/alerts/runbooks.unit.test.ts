import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { serviceNames } from '@annals/annals'
import { Command, CommanderError } from 'commander'
import { describe, expect, it } from 'vitest'
import { commands } from '../../services/annals/src/commands/index.ts'
import type { Run } from '../../services/annals/src/cli.ts'
import { dashboards } from '../dashboards/dashboards.ts'
import { panelsOf } from '../dashboards/testing/panels-of.ts'
import { alerts } from './alerts.ts'

const folder = join(import.meta.dirname, '..', '..', 'docs', 'runbooks')
const page = (name: string): string => readFileSync(join(folder, `${name}.md`), 'utf8')

/** Services whose pods have disks or names of their own. */
const statefulSets: readonly string[] = ['collector', 'fetcher', 'seeder']

/** The lines of a page that are to be typed. */
function commandsIn(text: string): string[] {
  const blocks = [...text.matchAll(/^```\n(.*?)^```/gms)].map(([, block = '']) => block)
  const inline = [...text.matchAll(/`((?:annals|kubectl) [^`]+)`/g)].map(([, command = '']) => command)
  return [...blocks.flatMap((block) => block.split('\n')), ...inline].filter((line) => line !== '')
}

/** As a shell takes a line apart. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '')
}

const idle: Run<never> = () => async () => undefined

/** The command line of Annals, which does nothing. */
function idleProgram(): Command {
  const program = new Command('annals').exitOverride().configureOutput({ writeErr: () => undefined })
  for (const option of ['--data <folder>', '--address <address>', '--token <token>', '--json']) program.option(option)
  for (const register of commands) register(program, idle, idle)
  const inherit = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: () => undefined })
    for (const each of command.commands) inherit(each)
  }
  inherit(program)
  return program
}

async function isTaken(line: string): Promise<boolean> {
  try {
    await idleProgram().parseAsync(wordsOf(line).slice(1), { from: 'user' })
    return true
  } catch (error) {
    if (error instanceof CommanderError) return false
    throw error
  }
}

function isWorkload(text: string): boolean {
  const [kind, name = ''] = text.split('/')
  const expected = statefulSets.includes(name) ? 'statefulset' : 'deploy'
  return (serviceNames as readonly string[]).includes(name) && kind === expected
}

describe('runbooks', () => {
  it('are there for each alert, and for no other', () => {
    const pages = readdirSync(folder).filter((name) => name !== 'README.md')
    expect(pages.toSorted()).toStrictEqual(alerts.map(({ name }) => `${name}.md`).toSorted())
  })

  it.for(alerts)(
    'of $name say what it means, what members notice, what to look at, what to do, when it is over',
    (alert) => {
      const [title, ...lines] = page(alert.name).split('\n')
      expect(title).toBe(`# ${alert.name}`)
      expect(lines).toContain(`Severity: ${alert.severity}.`)
      expect(lines.filter((line) => line.startsWith('## '))).toStrictEqual([
        '## What it means',
        '## What members notice',
        '## Look at',
        '## Do',
        '## When it is over',
      ])
    },
  )

  it.for(alerts)('of $name have commands that there are', async ({ name }) => {
    const lines = commandsIn(page(name))
    expect(lines.length).toBeGreaterThan(0)
    const wrong: string[] = []
    for (const line of lines.filter((each) => each.startsWith('annals '))) if (!(await isTaken(line))) wrong.push(line)
    for (const line of lines.filter((each) => each.startsWith('kubectl ')))
      for (const word of wordsOf(line).filter((each) => /^\w+\/\w/.test(each))) if (!isWorkload(word)) wrong.push(line)
    expect(wrong).toStrictEqual([])
    expect(lines.filter((line) => !/^(annals|kubectl) /.test(line))).toStrictEqual([])
  })

  it('would not pass with a command, an option or a workload that there is not', async () => {
    expect(await isTaken('annals dead-letters list --consumer archiver')).toBe(true)
    for (const line of ['annals undo', 'annals dead-letters lists', 'annals status --comunity 0x02', 'annals seed'])
      expect(await isTaken(line)).toBe(false)
    expect(isWorkload('deploy/archiver')).toBe(true)
    expect(isWorkload('deploy/seeder')).toBe(false)
    expect(isWorkload('statefulset/seeders')).toBe(false)
  })

  it.for(alerts)('of $name name panels and pages that there are', ({ name }) => {
    const text = page(name)
    const titles = dashboards.flatMap((dashboard) => panelsOf(dashboard).map((panel) => panel.title))
    const asked = [...text.matchAll(/"([A-Z][^"]+\?)"/g)].map(([, title]) => title)
    expect(asked.filter((title) => !titles.includes(title))).toStrictEqual([])
    const linked = [...text.matchAll(/\]\((\w+)\.md\)/g)].map(([, other]) => other)
    expect(linked.filter((other) => !alerts.some((each) => each.name === other))).toStrictEqual([])
  })
})
