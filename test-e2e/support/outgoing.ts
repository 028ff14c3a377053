import type { Page } from 'playwright-core'

/**
 * Everything that a page lets out, from the moment on that this is called, before the page is loaded: requests with
 * headers and bodies, frames of WebSockets, messages to WebRTC peers, lines on the console.
 */
export class Outgoing {
  readonly #sent: string[] = []
  readonly #kinds = new Set<string>()

  static async of(page: Page): Promise<Outgoing> {
    const outgoing = new Outgoing()
    const context = page.context()
    context.on('request', async (request) => {
      const headers = JSON.stringify(request.headers())
      outgoing.#note('request', `${request.method()} ${request.url()} ${headers} ${request.postData() ?? ''}`)
    })
    page.on('websocket', (socket) => {
      outgoing.#note('websocket', socket.url())
      socket.on('framesent', ({ payload }) => outgoing.#note('frame', latin1Of(payload)))
    })
    page.on('console', (message) => outgoing.#note('console', message.text()))
    await page.exposeFunction('noteSentToPeer', (text: string) => outgoing.#note('peer', text))
    await page.addInitScript(watchPeers)
    return outgoing
  }

  /** What kinds of things went out. */
  get kinds(): ReadonlySet<string> {
    return this.#kinds
  }

  /** What went out with one of the texts in it, or with the bytes that a text is the hex form of. */
  with(secrets: readonly string[]): string[] {
    const bytes = secrets.filter((each) => /^[0-9a-f]+$/.test(each)).map((each) => Buffer.from(each, 'hex'))
    const forms = [...secrets, ...bytes.flatMap((each) => [each.toString('latin1'), each.toString('base64')])]
    return this.#sent.filter((text) => forms.some((form) => text.toLowerCase().includes(form.toLowerCase())))
  }

  #note(kind: string, text: string): void {
    this.#kinds.add(kind)
    this.#sent.push(text)
  }
}

function latin1Of(payload: string | Buffer): string {
  return typeof payload === 'string' ? payload : payload.toString('latin1')
}

/** Runs in the page: tells of what goes to peers as text whose characters are the bytes. */
const watchPeers = `{
  const { send } = RTCDataChannel.prototype
  RTCDataChannel.prototype.send = function (data) {
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data)
      : data instanceof Blob ? new Uint8Array() : new Uint8Array(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength)
    let text = ''
    for (const byte of bytes) text += String.fromCharCode(byte)
    void window.noteSentToPeer(text)
    return send.call(this, data)
  }
}`
