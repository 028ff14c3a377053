import { httpPlace, reachedUrl, servesHttp } from '@annals/gateway'
import { askGateway } from '../../ask-gateway.ts'
import { defineCheck, problem, warning } from '../../check.ts'
import { tryListen } from '../../try-listen.ts'

/** Where browsers and readers come in, or the proxy before them. */
export const httpAddress = defineCheck({
  name: 'http-address',
  looksAt: 'whether the gateway answers over HTTP at its address, or one could listen there',
  seconds: 15,
  kinds: {
    'no-token': problem(
      'HTTP is served for several processes, and there is no token',
      'set ANNALS_TOKEN to a secret of 16 characters or more, the same for every gateway: none starts without',
    ),
    silent: warning(
      'something is there, and gives no answer in 5 seconds',
      'see the gateway’s log: it is overloaded, or still starting; if it is no gateway, choose another ANNALS_HTTP',
    ),
    taken: problem('another program is there', 'stop that program, or choose another ANNALS_HTTP'),
    'not-ours': problem(
      'this machine has no such address, or the system refuses',
      'correct ANNALS_HTTP (0.0.0.0 for all addresses); ports below 1024 may need a permission',
    ),
  },
  isWanted: (context) => context.accepts('http') && servesHttp(context.config),
  async look({ config }, report, signal) {
    if (config.natsUrl !== '' && config.grpcToken === '')
      report('no-token', { found: 'no token', expected: 'the token of the operator' })
    const place = await httpPlace(config)
    if (place === undefined) return 'a gateway takes any free port when it starts'
    const about = reachedUrl(place)
    const code = await tryListen(place.host, place.port)
    if (code === undefined) return `nobody answers at ${about}, and a gateway could listen there`
    const answer = await askGateway(about, signal)
    if (answer.kind === 'gateway') return `a gateway answers at ${about}`
    // One that nobody asked for is only the one that it had last.
    if (config.http === undefined)
      return `another program has ${about}, where the page was last: it moves to another port when the node starts`
    if (code !== 'EADDRINUSE') report('not-ours', { about, found: code, expected: 'to listen there' })
    else if (answer.kind === 'silent') report('silent', { about, found: answer.found, expected: 'an answer' })
    else report('taken', { about, found: answer.found, expected: 'a gateway, or nobody' })
    return ''
  },
})
