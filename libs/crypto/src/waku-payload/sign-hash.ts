/**
 * Signs a 32-byte hash: 65 bytes R ‖ S ‖ V, as `sign` does with a key that is here. The key may be elsewhere, so it may
 * take time and fail; what it throws comes through.
 */
export type SignHash = (hash: Uint8Array) => Uint8Array | Promise<Uint8Array>
