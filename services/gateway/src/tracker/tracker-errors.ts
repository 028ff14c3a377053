/** The tracker cannot listen on UDP there. */
export class TrackerUdpUnavailableError extends Error {
  override readonly name = 'TrackerUdpUnavailableError'
  readonly address: string

  constructor(address: string, options: ErrorOptions) {
    const { cause } = options
    super(
      `cannot listen on ${address} for UDP${cause instanceof Error ? `: ${cause.message}` : ''}; set another ANNALS_TRACKER_UDP`,
      options,
    )
    this.address = address
  }
}
