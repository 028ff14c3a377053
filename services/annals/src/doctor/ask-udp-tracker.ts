import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/** What every conversation with a tracker begins with (BEP 15). */
const protocolId = Buffer.from('0000041727101980', 'hex')
const connectAction = 0
const patienceMilliseconds = 5_000
/** A packet may be lost. */
const againMilliseconds = 1_500

/**
 * Whether a tracker answers over UDP: it is asked for a connection id, and nothing more.
 * @param host a name or an address of IPv4
 * @throws the system's error where the name does not resolve, or nothing can be sent there; the signal's reason
 */
export async function answersAsTracker(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  const socket = createSocket('udp4')
  const limit = AbortSignal.any([signal, AbortSignal.timeout(patienceMilliseconds)])
  const transaction = randomBytes(4)
  const question = Buffer.concat([protocolId, Buffer.alloc(4), transaction])
  let again: NodeJS.Timeout | undefined
  try {
    socket.connect(port, host)
    await once(socket, 'connect', { signal: limit })
    // Of a port where nobody listens the system may say so; nobody answers in either case.
    const ask = (): void => socket.send(question, () => undefined)
    ask()
    again = setInterval(ask, againMilliseconds)
    for (;;) {
      const [answer] = (await once(socket, 'message', { signal: limit })) as [Buffer]
      const isAnswer = answer.length === 16 && answer.readUInt32BE(0) === connectAction
      if (isAnswer && answer.subarray(4, 8).equals(transaction)) return true
    }
  } catch (error) {
    signal.throwIfAborted()
    if (limit.aborted || (error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return false
    throw error
  } finally {
    clearInterval(again)
    socket.close()
  }
}
