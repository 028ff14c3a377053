// The servers' cache by hand: node libs/local-servers/src/main.ts install | remove-cache
import { ServerUnavailableError } from './errors.ts'
import { findServers } from './find-servers.ts'
import { removeCache } from './install/remove-cache.ts'

const say = (line: string): boolean => process.stdout.write(`${line}\n`)
const stop = new AbortController()
process.once('SIGINT', () => stop.abort())
process.once('SIGTERM', () => stop.abort())

try {
  const [command] = process.argv.slice(2)
  if (command === 'install')
    for (const origin of await findServers({ signal: stop.signal, onProgress: say })) say(origin)
  else if (command === 'remove-cache') say(`removed ${await removeCache({ signal: stop.signal, onProgress: say })}`)
  else {
    process.stderr.write('expected "install" or "remove-cache"\n')
    process.exitCode = 2
  }
} catch (error) {
  if (!(error instanceof ServerUnavailableError) && !stop.signal.aborted) throw error
  process.stderr.write(`${stop.signal.aborted ? 'interrupted' : String(error)}\n`)
  process.exitCode = 1
}
