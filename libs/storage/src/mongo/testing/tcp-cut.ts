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
  /** Lets the next request that has the text in it reach the server, and ends its connection in the answer's place. */
  loseAnswerTo(text: string): void
}

export async function startTcpCut(targetUri: string): Promise<TcpCut> {
  const target = new URL(targetUri)
  const sockets = new Set<Socket>()
  let held = false
  let losing: string | undefined
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    let losesNext = false
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('data', (bytes) => {
        if (held) return
        if (from === upstream && losesNext) {
          client.destroy()
          return
        }
        if (from === client && losing !== undefined && bytes.includes(losing)) {
          losing = undefined
          losesNext = true
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
    loseAnswerTo(text) {
      losing = text
    },
    [Symbol.asyncDispose]: end,
  }
}
