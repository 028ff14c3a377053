import { isIPv6 } from 'node:net'
import { servesHttp } from '@annals/gateway'
import { ownTrackers } from '@annals/service'
import { answersAsTracker } from '../../ask-udp-tracker.ts'
import type { Report } from '../../check.ts'
import { defineCheck, problem, warning } from '../../check.ts'
import { tryListenUdp } from '../../try-listen.ts'

/** Where peers ask the gateway over UDP. */
export const udpTracker = defineCheck({
  name: 'udp-tracker',
  looksAt: 'whether the tracker over UDP answers, here and where magnet links say, or a gateway could listen there',
  seconds: 20,
  kinds: {
    taken: problem('another program is there', 'stop that program, or choose another ANNALS_TRACKER_UDP'),
    'not-ours': problem(
      'this machine has no such address of IPv4, or the system refuses',
      'correct ANNALS_TRACKER_UDP (0.0.0.0 for all addresses); ports below 1024 may need a permission',
    ),
    unnamed: warning(
      'no magnet link names it',
      'set ANNALS_PUBLIC_URL and a port other than 0, or leave ANNALS_TRACKER_UDP empty',
    ),
    unresolved: problem(
      'the name that magnet links have for it does not resolve',
      'correct ANNALS_PUBLIC_TRACKER_UDP or ANNALS_PUBLIC_URL, or give the name an address in DNS',
    ),
    unreachable: warning(
      'it answers here, and not where magnet links say, as seen from here',
      'lead that port on to it, UDP, which passes no proxy, or name where it is reached in ANNALS_PUBLIC_TRACKER_UDP; look from elsewhere, as network policies forbid it to pods, and some routers do not lead back inside',
    ),
  },
  isWanted: (context) =>
    context.accepts('tracker') && context.config.trackerUdp !== undefined && servesHttp(context.config),
  async look({ config }, report, signal) {
    const { host, port } = config.trackerUdp ?? { host: '', port: 0 }
    const [named] = ownTrackers(config).filter((each) => each.startsWith('udp:'))
    if (named === undefined)
      report('unnamed', { about: `${host}:${port}`, found: 'no public address', expected: 'one' })
    if (port === 0) return 'a gateway takes any free port when it starts'
    if (isIPv6(host)) report('not-ours', { about: host, found: 'an address of IPv6', expected: 'one of IPv4' })
    else if (!(await answersHere(host, port, report, signal)))
      return `nobody answers at ${host}:${port}, and a gateway could listen there`
    else if (named !== undefined) await lookOutside(named, report, signal)
    return `the tracker answers at ${host}:${port}${named === undefined ? '' : ` and at ${named}`}`
  },
})

type ReportOf = Report<'taken' | 'not-ours' | 'unresolved' | 'unreachable'>

async function answersHere(host: string, port: number, report: ReportOf, signal: AbortSignal): Promise<boolean> {
  const about = `${host}:${port}`
  const code = await tryListenUdp(host, port)
  if (code === undefined) return false
  if (code !== 'EADDRINUSE') report('not-ours', { about, found: code, expected: 'to listen there' })
  else if (await answersAsTracker(host === '0.0.0.0' ? '127.0.0.1' : host, port, signal).catch(() => false)) return true
  else report('taken', { about, found: 'a program that is no tracker', expected: 'a gateway, or nobody' })
  return false
}

async function lookOutside(about: string, report: ReportOf, signal: AbortSignal): Promise<void> {
  const { hostname, port } = new URL(about)
  try {
    if (await answersAsTracker(hostname, Number(port), signal)) return
    report('unreachable', { about, found: 'no answer in 5 seconds', expected: 'the answer of a tracker' })
  } catch (error) {
    signal.throwIfAborted()
    const found = (error as NodeJS.ErrnoException).code ?? String(error)
    report(/^(ENOTFOUND|EAI_)/.test(found) ? 'unresolved' : 'unreachable', { about, found, expected: 'an address' })
  }
}
