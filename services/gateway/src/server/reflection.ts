import type { Server } from '@grpc/grpc-js'
import { BinaryReader } from '@bufbuild/protobuf/wire'
import { ReflectionService } from '@grpc/reflection'
import { service as healthService } from 'grpc-health-check'
import { readDescriptors } from '../descriptors.ts'

/** Lets clients such as grpcurl ask what can be called and with what. */
export function addReflection(server: Server): void {
  const health = Object.values(healthService).flatMap((method) => method.requestType.fileDescriptorProtos)
  // The reflection service looks at nothing of a package but the descriptors of its files.
  const files = { all: { fileDescriptorProtos: [...readDescriptorSet(readDescriptors()), ...health] } }
  new ReflectionService(files as unknown as ConstructorParameters<typeof ReflectionService>[0]).addToServer(server)
}

/** The files of an encoded google.protobuf.FileDescriptorSet, whose only field is `repeated FileDescriptorProto file = 1`. */
function readDescriptorSet(set: Uint8Array): Buffer[] {
  const reader = new BinaryReader(set)
  const files: Buffer[] = []
  while (reader.pos < reader.len) {
    reader.tag()
    files.push(Buffer.from(reader.bytes()))
  }
  return files
}
