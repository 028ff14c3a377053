/** A message was given to nodes, and no store was found to have it. */
export class MessageNotConfirmedError extends Error {
  override readonly name = 'MessageNotConfirmedError'
  /** Of the messages that were sent for it, 64 hex digits each; one of them may still arrive. */
  readonly hashes: readonly string[]
  /** How long it was tried. */
  readonly limitMilliseconds: number

  constructor(hashes: readonly string[], limitMilliseconds: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : 'no node refused it'
    super(
      `no store had the message after ${limitMilliseconds} ms and ${hashes.length} tries (${reason}). ` +
        'See whether the nodes have links to others and this clock is right; publish it again, it counts once',
      { cause },
    )
    this.hashes = hashes
    this.limitMilliseconds = limitMilliseconds
  }
}
