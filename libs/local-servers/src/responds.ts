const limitMilliseconds = 5_000

/** True if something that is content answers there. */
export async function responds(url: string, request: RequestInit = {}): Promise<boolean> {
  try {
    const { ok } = await fetch(url, { ...request, signal: AbortSignal.timeout(limitMilliseconds) })
    return ok
  } catch {
    return false
  }
}
