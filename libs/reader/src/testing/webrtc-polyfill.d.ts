/** What the tests use of webrtc-polyfill, whose own types are a browser's. */
declare module 'webrtc-polyfill' {
  export class RTCPeerConnection extends EventTarget {
    constructor(options: { readonly iceServers: readonly [] })
    readonly iceGatheringState: string
    onicecandidate: ((event: { readonly candidate: null }) => void) | null
    setLocalDescription(description: unknown): Promise<void>
  }
}
