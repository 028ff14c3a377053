import { RTCPeerConnection } from 'webrtc-polyfill'

/**
 * Node's WebRTC never says that there are no more candidates, so that each offer and each answer waits five seconds for it.
 * Browsers do say it; here it is said when it is so.
 */
export function hastenWebRtc(): void {
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
}
