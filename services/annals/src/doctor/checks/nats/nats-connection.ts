import { InvalidNatsOptionError, NatsAuthorizationError, NatsUnreachableError } from '@annals/nats'
import { defineCheck, problem } from '../../check.ts'

/** Whether a server lets us in. */
export const natsConnection = defineCheck({
  name: 'nats-connection',
  looksAt: 'whether a NATS server can be reached and takes the credentials',
  seconds: 15,
  kinds: {
    unreachable: problem(
      'no server answers',
      'start the server, or correct NATS_URL; see whether a firewall or a network policy stands between',
    ),
    refused: problem(
      'the server refuses the credentials',
      'correct user and password in NATS_URL, or NATS_CREDENTIALS; docs/nats-accounts.md says how users are made',
    ),
    invalid: problem(
      'the address or the credentials file cannot be used',
      'correct NATS_URL, or see whether NATS_CREDENTIALS can be read and holds a user’s JWT and seed',
    ),
  },
  isWanted: (context) => context.reaches('nats'),
  async look(context, report) {
    try {
      const { connection } = await context.natsLink.get()
      const { server_name: name, version, cluster } = connection.info ?? {}
      return `${name ?? 'a server'} at ${connection.getServer()}, version ${version}${cluster === undefined ? '' : `, of the cluster ${cluster}`}`
    } catch (error) {
      const expected = 'a server that lets us in'
      if (error instanceof NatsUnreachableError) report('unreachable', { found: error.message, expected })
      else if (error instanceof NatsAuthorizationError) report('refused', { found: error.message, expected })
      else if (error instanceof InvalidNatsOptionError) report('invalid', { found: error.message })
      else throw error
      return ''
    }
  },
})
