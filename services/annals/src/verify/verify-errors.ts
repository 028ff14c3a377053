/** What was to be verified is not there, or is nothing of the kind. */
export class NotVerifiableError extends Error {
  override readonly name = 'NotVerifiableError'
  readonly target: string

  constructor(target: string, problem: string, options?: ErrorOptions) {
    super(`${target}: ${problem}`, options)
    this.target = target
  }
}
