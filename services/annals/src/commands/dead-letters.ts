import type { DeadLetter, ListDeadLettersRequest } from '@annals/proto/api/v1'
import { call, stream } from '../client/call.ts'
import type { NodeClient } from '../client/connect.ts'
import { connect } from '../client/connect.ts'
import type { Cli, Register } from '../cli.ts'
import { NodeError, UsageError } from '../cli-errors.ts'
import { exitCodes } from '../exit-codes.ts'
import { letterDocument, letterText, lettersText } from '../output/dead-letter.ts'
import { answer } from '../output/write.ts'
import { collectNumbers, wholeNumber } from './option-parsers.ts'

interface Filter {
  readonly consumer: string
  readonly community: string
}

const examples = `
Examples:
  annals dead-letters list --consumer archiver
  annals dead-letters show 3
  annals dead-letters replay 3 4
  annals dead-letters replay --all --consumer archiver`

export const registerDeadLetters: Register = (program, run) => {
  const letters = program
    .command('dead-letters')
    .description('events that a service gave up after it had failed with them again and again')
    .addHelpText('after', examples)
  const filtered = (name: string, description: string) =>
    letters
      .command(name)
      .description(description)
      .option('--consumer <name>', 'only those of this consumer, such as archiver', '')
      .option('--community <id>', 'only those of this community', '')
  filtered('list', 'what was given up, when, and with which error').action(run(list))
  letters
    .command('show')
    .description('one of them, with its event and the whole error')
    .argument('<id>', 'its number in the list', wholeNumber)
    .action(run(show))
  filtered('replay', 'hands them to their consumer again, as if for the first time')
    .argument('[ids...]', 'their numbers in the list', collectNumbers, [])
    .option('--all', 'all of them; with a filter, all that pass it', false)
    .action(run(replay))
  letters
    .command('drop')
    .description('gives them up for good: their consumer never sees them again')
    .argument('<ids...>', 'their numbers in the list', collectNumbers)
    .option('--yes', 'it is meant; nothing is dropped without', false)
    .action(run(drop))
}

async function list(cli: Cli, filter: Filter): Promise<void> {
  using client = connect(cli)
  const letters = await Array.fromAsync(lettersOf(cli, client, filter))
  cli.signal.throwIfAborted()
  await answer(cli, letters.map(letterDocument), () =>
    letters.length === 0 ? 'no dead letters\n' : lettersText(letters),
  )
}

async function show(cli: Cli, _: object, id: number): Promise<void> {
  using client = connect(cli)
  const { deadLetter } = await call(client, client.api.getDeadLetter, { id })
  if (deadLetter !== undefined) await answer(cli, letterDocument(deadLetter), () => letterText(deadLetter))
}

async function replay(
  cli: Cli,
  { all, ...filter }: Filter & { readonly all: boolean },
  ids: number[],
): Promise<number> {
  if (all === ids.length > 0) throw new UsageError('say which ones: their numbers, or --all')
  if (!all && (filter.consumer !== '' || filter.community !== ''))
    throw new UsageError(
      '--consumer and --community say which ones --all means; leave them out where there are numbers',
    )
  using client = connect(cli)
  if (!all) return await settle(cli, ids, 'replayed', (id) => call(client, client.api.replayDeadLetter, { id }))
  // The list is taken first: one that fails again at once is a new dead letter, and would be met again and again.
  const found: number[] = []
  for await (const { id } of lettersOf(cli, client, filter)) found.push(id)
  cli.signal.throwIfAborted()
  return await settle(cli, found, 'replayed', (id) => ignoreMissing(call(client, client.api.replayDeadLetter, { id })))
}

async function drop(cli: Cli, { yes }: { readonly yes: boolean }, ids: number[]): Promise<number> {
  if (!yes) throw new UsageError('what is dropped is given up for good: say --yes as well, or replay it')
  using client = connect(cli)
  return await settle(cli, ids, 'dropped', (id) => call(client, client.api.dropDeadLetter, { id }))
}

interface Settled {
  readonly replayed?: number[]
  readonly dropped?: number[]
  readonly failed: { readonly id: number; readonly error: string }[]
}

/** One after the other; one that fails does not stop the others. Without a node there are no others. */
async function settle(
  cli: Cli,
  ids: readonly number[],
  done: 'replayed' | 'dropped',
  work: (id: number) => Promise<unknown>,
): Promise<number> {
  const settled: number[] = []
  const failed: Settled['failed'][number][] = []
  for (const id of new Set(ids)) {
    cli.signal.throwIfAborted()
    try {
      if ((await work(id)) !== undefined) settled.push(id)
    } catch (error) {
      if (!(error instanceof NodeError)) throw error
      failed.push({ id, error: error.message })
    }
  }
  const document: Settled = { [done]: settled, failed }
  await answer(cli, document, () => `${settled.length} ${done}\n`)
  for (const { error } of failed) cli.stderr.write(`annals: ${error}\n`)
  return failed.length === 0 ? exitCodes.ok : exitCodes.failed
}

/** Somebody else took it since it was listed. */
async function ignoreMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof NodeError && error.reason === 'DEAD_LETTER_UNKNOWN') return undefined
    throw error
  }
}

async function* lettersOf(cli: Cli, client: NodeClient, { consumer, community }: Filter): AsyncIterable<DeadLetter> {
  const request: ListDeadLettersRequest = { consumer, communityId: community }
  for await (const { deadLetter } of stream(client, client.api.listDeadLetters, request, cli.signal))
    if (deadLetter !== undefined) yield deadLetter
}
