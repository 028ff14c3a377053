// Two WebRTC peers of one process send a message from one to the other, to show that the native part works. Its argument is the
// package.json of node-datachannel.
import { createRequire } from 'node:module'

const { PeerConnection, cleanup } = createRequire(process.argv[2])('node-datachannel')
const peers = ['caller', 'called'].map((name) => new PeerConnection(name, { iceServers: [] }))
const [caller, called] = peers
for (const [one, other] of [
  [caller, called],
  [called, caller],
]) {
  one.onLocalDescription((description, type) => other.setRemoteDescription(description, type))
  one.onLocalCandidate((candidate, mid) => other.addRemoteCandidate(candidate, mid))
}
called.onDataChannel((channel) =>
  channel.onMessage((message) => {
    process.stdout.write(`${message}\n`)
    for (const peer of peers) peer.close()
    cleanup()
  }),
)
const channel = caller.createDataChannel('tried')
channel.onOpen(() => channel.sendMessage(`heard on ${process.arch}`))
