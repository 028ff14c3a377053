const patienceMilliseconds = 5_000
/** More than a problem of ours has. */
const maxAnswerCharacters = 65_536
const ownProblem = 'urn:annals:problem:'

/** What came of asking who is at an address. */
export type GatewayAnswer =
  /** A gateway of Annals; `reason` is that of the problem that it answers. */
  | { readonly kind: 'gateway'; readonly reason: string }
  /** Somebody else, or nobody who could be asked. */
  | { readonly kind: 'strange' | 'unresolved' | 'unreachable' | 'silent' | 'certificate'; readonly found: string }

/**
 * Asks for something that a token is needed for, without one: a gateway says so in words of its own.
 * @param origin `https://annals.example`
 * @throws the signal's reason
 */
export async function askGateway(origin: string, signal: AbortSignal): Promise<GatewayAnswer> {
  try {
    const response = await askOnce(`${origin}/api/v1/status`, 'GET', signal)
    const { type } = parseObject(await beginningOf(response))
    if (typeof type === 'string' && type.startsWith(ownProblem))
      return { kind: 'gateway', reason: type.slice(ownProblem.length) }
    const target = response.headers.get('location')
    return {
      kind: 'strange',
      found: `${response.status} ${response.statusText}${target === null ? '' : `, a redirection to ${target.slice(0, 200)}`}`,
    }
  } catch (error) {
    signal.throwIfAborted()
    return failureOf(error)
  }
}

/** Whether a file is there. Not so where nobody answers. @throws the signal's reason */
export async function isServed(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    return (await askOnce(url, 'HEAD', signal)).ok
  } catch {
    signal.throwIfAborted()
    return false
  }
}

/** Whether a WebSocket can be opened there. @throws the signal's reason */
export async function takesWebSocket(url: string, signal: AbortSignal): Promise<boolean> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(patienceMilliseconds)])
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = new WebSocket(url)
  socket.addEventListener('open', () => resolve(true))
  socket.addEventListener('error', () => resolve(false))
  limit.addEventListener('abort', () => resolve(false))
  const isOpen = await promise
  socket.close()
  signal.throwIfAborted()
  return isOpen
}

/** No redirection is followed: it may lead anywhere. */
function askOnce(url: string, method: string, signal: AbortSignal): Promise<Response> {
  return fetch(url, {
    method,
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMilliseconds)]),
  })
}

/** Of a stranger's answer no more than ours could have. */
async function beginningOf({ body }: Response): Promise<string> {
  let text = ''
  for await (const part of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += part
    if (text.length > maxAnswerCharacters) break
  }
  return text
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function failureOf(error: unknown): GatewayAnswer {
  const { name, cause } = error as Error
  if (name === 'TimeoutError') return { kind: 'silent', found: `no answer in ${patienceMilliseconds / 1000} seconds` }
  const { code = '', message = String(error) } = (cause ?? {}) as Partial<NodeJS.ErrnoException>
  const found = [code, message].filter((part) => part !== '').join(': ')
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return { kind: 'unresolved', found }
  if (/CERT|UNABLE_TO|^ERR_TLS/.test(code)) return { kind: 'certificate', found }
  // It takes connections, and does not speak HTTP, or not with TLS.
  if (/^(EPROTO|ECONNRESET|UND_ERR_SOCKET|HPE_|ERR_SSL)/.test(code)) return { kind: 'strange', found }
  return { kind: 'unreachable', found }
}
