import type { ServiceError } from '@grpc/grpc-js'
import { BadRequest, ErrorInfo } from '@annals/proto/google/rpc/error_details'
import { Status as RpcStatus } from '@annals/proto/google/rpc/status'
import { status } from '@grpc/grpc-js'
import { NodeError, NodeUnreachableError } from '../cli-errors.ts'

/** What a call's error means: the node said no, or there is none. */
export function readFailure(error: ServiceError, address: string): NodeError | NodeUnreachableError {
  const { reason, violations } = readDetails(error)
  // A node that is there says why; without a reason it is the connection that failed.
  if (error.code === status.UNAVAILABLE && reason === '') return new NodeUnreachableError(address, { cause: error })
  return new NodeError(error.code, reason, error.details, violations, { cause: error })
}

function readDetails(error: ServiceError): Pick<NodeError, 'reason' | 'violations'> {
  const [packed] = error.metadata?.get('grpc-status-details-bin') ?? []
  let reason = ''
  let violations: NodeError['violations'] = []
  if (!Buffer.isBuffer(packed)) return { reason, violations }
  for (const { typeUrl, value } of RpcStatus.decode(packed).details) {
    if (typeUrl.endsWith('/google.rpc.ErrorInfo')) reason = ErrorInfo.decode(value).reason
    if (typeUrl.endsWith('/google.rpc.BadRequest')) violations = BadRequest.decode(value).fieldViolations
  }
  return { reason, violations }
}
