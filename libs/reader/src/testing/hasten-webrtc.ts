import { RTCPeerConnection } from 'webrtc-polyfill'

/**
 * Makes Node's WebRTC do for the tests of a process. By itself it never says that there are no more candidates, so that each
 * offer and each answer waits five seconds for it: browsers do say it, and here it is said when it is so. And when its last
 * connection closes it waits for all of its threads to end, under the feet of one that is being made just then: one is kept.
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
  kept ??= new RTCPeerConnection({ iceServers: [] })
}

let kept: RTCPeerConnection | undefined
