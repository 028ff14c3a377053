import { createSocket } from 'node:dgram'
import type { RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { ConnectionIds } from './connection-ids.ts'
import type { TrackerCore } from './tracker-core.ts'
import { TrackerRefusalError } from './tracker-errors.ts'

const connect = 0
const announce = 1
/** What every connect begins with, and all that bittorrent-tracker takes for a connection id. */
const protocolId = Buffer.from('0000041727101980', 'hex')
const maxPacketBytes = 2_048

/**
 * Answers the tracker's questions over UDP, IPv4 only, as BEP 15 has them. Where an announcement names another address than
 * it comes from, that is not taken.
 * @throws the system's error if it cannot listen
 */
export async function openUdpDesk(
  core: TrackerCore,
  at: { readonly host: string; readonly port: number },
  now: () => number,
): Promise<AsyncDisposable & { readonly port: number }> {
  const socket = createSocket('udp4')
  const ids = new ConnectionIds(now)
  socket.bind(at.port, at.host)
  await once(socket, 'listening')
  // Such as an address that cannot be reached.
  socket.on('error', (error) => core.emit('warning', error))
  core.udp4 = socket
  socket.on('message', (packet, from) => {
    const answer = answerPacket(core, ids, packet, from)
    if (answer !== undefined) socket.send(answer, from.port, from.address)
  })
  return {
    port: socket.address().port,
    async [Symbol.asyncDispose]() {
      core.udp4 = null
      const closed = once(socket, 'close')
      socket.close()
      await closed
    },
  }
}

/** What goes out at once; the rest is the core's to answer. */
function answerPacket(core: TrackerCore, ids: ConnectionIds, packet: Buffer, from: RemoteInfo): Buffer | undefined {
  const { address, port } = from
  if (packet.length < 16 || packet.length > maxPacketBytes) return refuse(core)
  const action = packet.readUInt32BE(8)
  const place = `${address} ${port}`
  if (action === connect) {
    if (!packet.subarray(0, 8).equals(protocolId)) return refuse(core)
    return Buffer.concat([packet.subarray(8, 16), ids.issue(place)])
  }
  if (!ids.isGood(place, packet.subarray(0, 8))) return refuse(core)
  const checked = Buffer.from(packet)
  protocolId.copy(checked)
  if (action === announce && checked.length >= 88) checked.fill(0, 84, 88)
  try {
    core.onUdpRequest(checked, { family: 'IPv4', address, port })
  } catch (error) {
    // What nobody foresaw of one packet must not end the process.
    core.emit('warning', error)
  }
  return undefined
}

/** Nothing is sent: who asks may not be who it says. */
function refuse(core: TrackerCore): undefined {
  core.emit('warning', new TrackerRefusalError('malformed', 'no packet of a tracker'))
}
