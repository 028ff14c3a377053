import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** Stands between a client and the server, and can come between them. */
export interface TcpCut extends AsyncDisposable {
  /** As the server's address, by way of this. */
  readonly uri: string
  /** Ends all connections and takes no new ones. */
  cut(): Promise<void>
  /** Lets everything stand open and passes nothing on, as a network does that drops packets. */
  hold(): void
  /** Ends what was held, and is as new. */
  mend(): Promise<void>
  /** Ends the connection on which the next answer comes, once its request is done. */
  loseNextAnswer(): void
}

export async function startTcpCut(targetUri: string): Promise<TcpCut> {
  const target = new URL(targetUri)
  const sockets = new Set<Socket>()
  let held = false
  let losing = false
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('data', (bytes) => {
        if (held) return
        if (losing && from === upstream) {
          losing = false
          client.destroy()
          return
        }
        to.write(bytes)
      })
      from.on('error', () => from.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  const listen = async (port: number): Promise<number> => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const end = async (): Promise<void> => {
    const closed = server.listening ? once(server, 'close') : undefined
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  const port = await listen(0)
  const uri = new URL(targetUri)
  uri.host = `127.0.0.1:${port}`
  return {
    uri: uri.href,
    cut: end,
    hold() {
      held = true
    },
    async mend() {
      for (const socket of sockets) socket.destroy()
      held = false
      if (!server.listening) await listen(port)
    },
    loseNextAnswer() {
      losing = true
    },
    [Symbol.asyncDispose]: end,
  }
}
