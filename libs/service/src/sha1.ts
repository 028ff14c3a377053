import { hash } from 'node:crypto'
import type { Sha1 } from '@annals/archive'

/** SHA-1 by OpenSSL: several times what a pure one does. Archives are made of little else. */
export const sha1: Sha1 = (bytes) => hash('sha1', bytes, 'buffer')
