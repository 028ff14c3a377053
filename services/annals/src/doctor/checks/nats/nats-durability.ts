import { bytesText, durationText } from '../../../output/format.ts'
import { defineCheck, NotCheckedError, problem, warning } from '../../check.ts'
import { readMonitor } from '../../read-monitor.ts'

const nearlyShare = 0.9

/** What outlives a loss of power. */
export const natsDurability = defineCheck({
  name: 'nats-durability',
  looksAt:
    'on the server’s monitoring page (--nats-monitor): whether acknowledged events are on the disk, and what room its store has',
  seconds: 15,
  kinds: {
    unsynced: warning(
      'the server brings what it acknowledged to the disk later (sync_interval)',
      'set sync_interval: always in the jetstream block of the server’s configuration, or have 3 servers that do not lose power together: events of up to two minutes are lost otherwise, and made again as far as the services know of them',
    ),
    'nearly-full': warning(
      'more than 90 % of the server’s store is used (max_file_store)',
      'raise max_file_store, or give the server a larger disk: events are refused when it is full',
    ),
    unreadable: problem(
      'the monitoring page does not answer as one',
      'correct --nats-monitor, or start the server with -m 8222',
    ),
    another: warning(
      'the monitoring page is another server’s than the one that we are connected with',
      'give the page of that server, or of each server of the cluster one after the other',
    ),
  },
  isWanted: (context) => context.reaches('nats'),
  async look(context, report, signal) {
    const { natsMonitor: url } = context
    if (url === undefined)
      throw new NotCheckedError('a client cannot ask for it; give the monitoring page: --nats-monitor http://host:8222')
    const page = await readMonitor(url, signal)
    if (page === undefined) {
      report('unreadable', { about: url, found: 'no answer of a NATS server with JetStream', expected: '/varz' })
      return ''
    }
    const link = await context.natsLink.get().catch(() => undefined)
    const own = link?.connection.info?.server_id
    if (own !== undefined && own !== page.serverId)
      report('another', { about: url, found: page.serverName, expected: link?.connection.info?.server_name ?? own })
    const interval = durationText(Math.round(page.syncIntervalSeconds))
    if (!page.syncsAlways)
      report('unsynced', { about: page.serverName, found: `every ${interval}`, expected: 'always' })
    const { storeBytes, maxStoreBytes } = page
    const room = `${bytesText(storeBytes)} of ${bytesText(maxStoreBytes)} used`
    if (maxStoreBytes > 0 && storeBytes > maxStoreBytes * nearlyShare)
      report('nearly-full', { about: page.serverName, found: room, expected: 'room for more' })
    return `${page.serverName} syncs always; ${room}`
  },
})
