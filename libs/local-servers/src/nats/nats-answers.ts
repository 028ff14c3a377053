import { connect } from 'node:net'
import { createInterface } from 'node:readline'

const limitMilliseconds = 5_000

/** True if a nats-server with JetStream greets whoever connects. It does so after it has recovered its streams. */
export async function natsAnswers(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port })
  socket.setTimeout(limitMilliseconds, () => socket.destroy())
  try {
    // Whatever the socket fails with, the loop fails with or ends.
    for await (const line of createInterface({ input: socket })) return isGreeting(line)
    return false
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

function isGreeting(line: string): boolean {
  if (!line.startsWith('INFO ')) return false
  const info = JSON.parse(line.slice('INFO '.length)) as { jetstream?: boolean }
  return info.jetstream === true
}
