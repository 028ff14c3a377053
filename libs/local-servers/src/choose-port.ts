import { once } from 'node:events'
import { createServer } from 'node:net'

// Below what systems give to whoever asks for any port (Linux: 32768 and up), so that a port stays free while its server
// is down. Every process begins elsewhere, so that two rarely try the same one.
const first = 20_000
const count = 12_000
let next = (process.pid * 10) % count

/** A port that is free on loopback, and that nothing gets by chance. */
export async function choosePort(): Promise<number> {
  for (let tried = 0; tried < count; tried += 1) {
    const port = first + next
    next = (next + 1) % count
    if (await isFree(port)) return port
  }
  throw new Error(`no port from ${first} to ${first + count - 1} is free: end some of what listens there`)
}

export async function isFree(port: number): Promise<boolean> {
  const probe = createServer()
  try {
    probe.listen({ port, host: '127.0.0.1', exclusive: true })
    await once(probe, 'listening')
    probe.close()
    await once(probe, 'close')
    return true
  } catch {
    return false
  }
}
