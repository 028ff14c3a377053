import { connect } from 'node:net'

const limitMilliseconds = 5_000

/**
 * True if a server of MongoDB's wire protocol answers `ping` with 1. FerretDB asks its database before it does.
 * Wire protocol: https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/ (OP_MSG)
 */
export function mongoAnswers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(pingMessage))
    let received = Buffer.alloc(0)
    socket.setTimeout(limitMilliseconds, () => socket.destroy())
    socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes])
      if (received.length >= 4 && received.length >= received.readInt32LE()) socket.destroy()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(received.includes(okIsOne)))
  })
}

const opMsg = 2013
const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}

/** `{ ping: 1, $db: "admin" }` in BSON. */
const elements = Buffer.concat([
  Buffer.from('\x10ping\0'),
  int32(1),
  Buffer.from('\x02$db\0'),
  int32('admin\0'.length),
  Buffer.from('admin\0\0'),
])
const document = Buffer.concat([int32(elements.length + 4), elements])
const sections = Buffer.concat([int32(0), Buffer.from([0]), document])
const pingMessage = Buffer.concat([int32(sections.length + 16), int32(1), int32(0), int32(opMsg), sections])

/** The element `ok: 1.0`. */
const okIsOne = Buffer.from([0x01, 0x6f, 0x6b, 0, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f])
