import type { status } from '@grpc/grpc-js'

/** The command line cannot be used as it stands. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** No node answers at the address. */
export class NodeUnreachableError extends Error {
  override readonly name = 'NodeUnreachableError'
  readonly address: string

  constructor(address: string, options?: ErrorOptions) {
    super(
      `no node answers at ${address}: start one with "annals up", or say where it is with --data or --address`,
      options,
    )
    this.address = address
  }
}

/** A node refused or failed; `reason` is one of the interface's, such as COMMUNITY_UNKNOWN. */
export class NodeError extends Error {
  override readonly name = 'NodeError'
  /** A gRPC status code. */
  readonly code: status
  readonly reason: string
  readonly violations: readonly { readonly field: string; readonly description: string }[]

  constructor(
    code: status,
    reason: string,
    message: string,
    violations: NodeError['violations'],
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.code = code
    this.reason = reason
    this.violations = violations
  }
}
