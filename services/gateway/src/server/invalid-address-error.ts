/** A text is no address of a gateway. */
export class InvalidAddressError extends Error {
  override readonly name = 'InvalidAddressError'
  readonly address: string

  constructor(address: string, problem: string) {
    super(`"${address}" is no address of a node: ${problem}`)
    this.address = address
  }
}
