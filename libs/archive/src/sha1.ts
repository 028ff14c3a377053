import { sha1 as nobleSha1 } from '@noble/hashes/legacy.js'

/** 20 bytes of SHA-1. Injected, since Node's is many times faster than any written in JavaScript. */
export type Sha1 = (bytes: Uint8Array) => Uint8Array

/** Works everywhere; services hand in `(bytes) => hash('sha1', bytes, 'buffer')` of `node:crypto` instead. */
export const sha1: Sha1 = (bytes) => nobleSha1(bytes)
