import { RTCPeerConnection } from 'webrtc-polyfill'

/**
 * Makes Node's WebRTC do for a test, until it is disposed of. By itself it never says that there are no more candidates, so
 * that each offer and each answer waits five seconds for it: browsers do say it, and here it is said when it is so. And when
 * its last connection closes it ends all of its threads, under the feet of one that is being made just then: one is kept.
 */
export function hastenWebRtc(): Disposable {
  const { prototype } = RTCPeerConnection
  // oxlint-disable-next-line typescript/unbound-method -- it is called with the connection
  const setLocalDescription = prototype.setLocalDescription
  prototype.setLocalDescription = async function (this: RTCPeerConnection, description) {
    await setLocalDescription.call(this, description)
    const say = (): void => {
      if (this.iceGatheringState === 'complete') this.onicecandidate?.({ candidate: null })
    }
    this.addEventListener('icegatheringstatechange', say)
    queueMicrotask(say)
  }
  const kept = new RTCPeerConnection({ iceServers: [] })
  return {
    [Symbol.dispose]() {
      prototype.setLocalDescription = setLocalDescription
      kept.close()
    },
  }
}
