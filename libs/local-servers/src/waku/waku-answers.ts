const limitMilliseconds = 5_000

/** True if a Waku node's REST interface answers there; it opens after the node has joined its topics. */
export async function wakuAnswers(port: number): Promise<boolean> {
  return (await wakuAddresses(`http://127.0.0.1:${port}`)).length > 0
}

/** The multiaddrs that a node tells others, none where it does not answer. */
export async function wakuAddresses(url: string): Promise<readonly string[]> {
  try {
    const answer = await fetch(`${url}/debug/v1/info`, { signal: AbortSignal.timeout(limitMilliseconds) })
    const info = (await answer.json()) as { listenAddresses?: unknown }
    return Array.isArray(info.listenAddresses) ? info.listenAddresses.map(String) : []
  } catch {
    return []
  }
}
