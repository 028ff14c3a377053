import { useEffect, useRef, useState } from 'preact/hooks'
import type { Client } from './client.ts'
import { Problem } from './problem.ts'

/** Whether events come: `live`, `waiting` for the node to answer, `closed` where it never will with this token. */
export type Liveness = 'live' | 'waiting' | 'closed'

export interface LiveEvent {
  readonly sequence: number
  readonly name: string
  readonly communityId: string
  readonly timeMilliseconds: number
}

const pausesMilliseconds = [500, 1_000, 2_000, 5_000, 10_000]

/** Hears of every event from now on, of one community or of all, across restarts of the node. */
export function useLiveEvents(
  client: Client,
  { communityId = '', onEvent }: { readonly communityId?: string; readonly onEvent: (event: LiveEvent) => void },
): Liveness {
  const [liveness, setLiveness] = useState<Liveness>('waiting')
  const listener = useRef(onEvent)
  listener.current = onEvent
  useEffect(() => {
    const abort = new AbortController()
    void follow(client, communityId, abort.signal, {
      onEvent: (event) => listener.current(event),
      onLiveness: setLiveness,
    })
    return () => abort.abort()
  }, [client, client.session.token, communityId])
  return liveness
}

interface Listener {
  readonly onEvent: (event: LiveEvent) => void
  readonly onLiveness: (liveness: Liveness) => void
}

async function follow(client: Client, communityId: string, signal: AbortSignal, listener: Listener): Promise<void> {
  let after = ''
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      const onOpen = (): void => {
        failures = 0
        listener.onLiveness('live')
      }
      for await (const { id, data } of client.events({ communityId }, { after, signal, onOpen })) {
        if (id !== '') after = id
        const event = readEvent(data)
        if (event !== undefined) listener.onEvent(event)
      }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof Problem && (error.status === 401 || error.status === 403)) {
        listener.onLiveness('closed')
        return
      }
    }
    if (signal.aborted) return
    listener.onLiveness('waiting')
    await pause(pausesMilliseconds[Math.min(failures, pausesMilliseconds.length - 1)] ?? 0, signal)
  }
}

function readEvent(data: string): LiveEvent | undefined {
  const said = JSON.parse(data) as Partial<LiveEvent>
  const { sequence = 0, name = '', communityId = '', timeMilliseconds = 0 } = said
  return name === '' ? undefined : { sequence, name, communityId, timeMilliseconds }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
