import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'

const limitMilliseconds = 5_000

/** True if something that is content answers there and shows a certificate of the file, which it may have yet to write. */
export async function respondsOverTls(url: string, certificateFile: string, token: string): Promise<boolean> {
  try {
    const ca = await readFile(certificateFile)
    const asked = request(url, {
      ca,
      agent: false,
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(limitMilliseconds),
    }).end()
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    answer.resume()
    return answer.statusCode === 200
  } catch {
    return false
  }
}
