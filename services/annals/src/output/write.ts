import { once } from 'node:events'
import type { Writable } from 'node:stream'
import type { Cli } from '../cli.ts'

/** Writes a text and waits until there is room for more; a reader that went away is not an error. */
export async function write(stream: Writable, text: string): Promise<void> {
  if (stream.destroyed || stream.writableEnded) return
  if (!stream.write(text)) await Promise.race([once(stream, 'drain'), once(stream, 'close')])
}

/** The answer of a command: a document for programs, or a text for people. */
export async function answer(cli: Pick<Cli, 'stdout' | 'json'>, document: unknown, text: () => string): Promise<void> {
  await write(cli.stdout, cli.json ? `${JSON.stringify(document, undefined, 2)}\n` : text())
}
