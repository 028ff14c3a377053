import { existsSync, lstatSync } from 'node:fs'
import type { GatewayAddress } from '@annals/gateway'
import {
  addressText,
  AddressUnavailableError,
  checkSocketFolder,
  gatewayAddress,
  InvalidAddressError,
  isLocal,
} from '@annals/gateway'
import { status } from '@grpc/grpc-js'
import { call } from '../../../client/call.ts'
import { connect } from '../../../client/connect.ts'
import { NodeError, NodeUnreachableError } from '../../../cli-errors.ts'
import { defineCheck, problem, warning } from '../../check.ts'
import type { DoctorContext } from '../../doctor-context.ts'
import { tryListen } from '../../try-listen.ts'

/** Where clients reach a node. */
export const grpcAddress = defineCheck({
  name: 'grpc-address',
  looksAt: 'whether a node answers at the gRPC address or socket, or one could listen there',
  seconds: 15,
  kinds: {
    invalid: problem('the address is none', 'set ANNALS_GRPC to host:port or unix:PATH, or leave it empty'),
    'no-token': problem(
      'the address can be reached from elsewhere, and there is no token',
      'set ANNALS_TOKEN to a secret of 16 characters or more, or listen on 127.0.0.1',
    ),
    'token-refused': warning('a node answers and refuses the token', 'set ANNALS_TOKEN to the one that the node has'),
    silent: warning(
      'something is there, and gives no answer in 5 seconds',
      'see the node’s log: it is overloaded, or still starting; if it is no node, choose another ANNALS_GRPC',
    ),
    taken: problem(
      'something else is there: another program, or a file where the socket should be',
      'stop that program or move the file away, or choose another ANNALS_GRPC',
    ),
    'not-ours': problem(
      'this machine has no such address, the system refuses, or the socket’s folder is somebody else’s',
      'correct ANNALS_GRPC, or the permissions',
    ),
  },
  isWanted: (context) => context.accepts('grpc'),
  async look(context, report) {
    const { config } = context
    try {
      const address = gatewayAddress(config.grpcAddress, config.dataFolder)
      const about = addressText(address)
      if (!isLocal(address) && config.grpcToken === '')
        report('no-token', { about, found: 'no token', expected: 'a token, as others can reach the address' })
      const answer = await answerOf(context, address)
      if (answer.kind === 'node') return `a node answers at ${about}, version ${answer.version}`
      if (answer.kind === 'token') report('token-refused', { about, found: answer.reason })
      else if (answer.kind === 'silent') report('silent', { about, found: answer.reason, expected: 'an answer' })
      else if (answer.kind === 'other') report('taken', { about, found: answer.reason, expected: 'a node, or nobody' })
      else {
        const code = address.kind === 'tcp' ? await tryListen(address.host, address.port) : undefined
        if (code === 'EADDRINUSE')
          report('taken', { about, found: 'a program that is no node', expected: 'a node, or nobody' })
        else if (code !== undefined) report('not-ours', { about, found: code, expected: 'to listen there' })
      }
      return `nobody answers at ${about}, and a node could listen there`
    } catch (error) {
      if (error instanceof InvalidAddressError) report('invalid', { about: config.grpcAddress, found: error.message })
      else if (error instanceof AddressUnavailableError) report('not-ours', { found: error.message })
      else throw error
      return ''
    }
  },
})

type Answer =
  | { readonly kind: 'node'; readonly version: string }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'token' | 'silent' | 'other'; readonly reason: string }

const callSeconds = 5

async function answerOf({ config }: DoctorContext, address: GatewayAddress): Promise<Answer> {
  if (address.kind === 'socket') {
    if (address.shared === true && existsSync(address.path)) checkSocketFolder(address)
    const entry = lstatSync(address.path, { throwIfNoEntry: false })
    if (entry === undefined) return { kind: 'nobody' }
    if (!entry.isSocket()) return { kind: 'other', reason: 'a file that is no socket' }
  }
  // It may be an address to listen on, of which the node is reached under any of the machine's.
  const reached = addressText(address).replace(/^(0\.0\.0\.0|\[::\]):/, 'localhost:')
  using client = connect({ address: reached, token: config.grpcToken, config })
  try {
    const { version } = await call(client, client.api.getStatus, { communityId: '' }, callSeconds)
    return { kind: 'node', version }
  } catch (error) {
    if (error instanceof NodeUnreachableError) return { kind: 'nobody' }
    if (!(error instanceof NodeError)) throw error
    const isRefused = error.code === status.UNAUTHENTICATED || error.code === status.PERMISSION_DENIED
    const kind = error.code === status.DEADLINE_EXCEEDED ? 'silent' : isRefused ? 'token' : 'other'
    return { kind, reason: error.message }
  }
}
