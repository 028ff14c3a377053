import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** An encoded google.protobuf.FileDescriptorSet of the interfaces, with the comments. */
export function readDescriptors(): Buffer {
  return readFileSync(fileURLToPath(import.meta.resolve('@annals/proto/descriptors')))
}
