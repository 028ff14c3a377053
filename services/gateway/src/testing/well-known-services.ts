import type { MethodDefinition } from '@grpc/grpc-js'
import type { GatewayAddress } from '../server/address.ts'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Client, credentials, loadPackageDefinition } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { service as healthService } from 'grpc-health-check'
import { addressText } from '../server/address.ts'

export interface HealthCheckResponse {
  readonly status: string
}

export interface ServerReflectionResponse {
  readonly services: readonly string[]
  /** For each symbol that was asked for, whether it is known. */
  readonly symbols: readonly boolean[]
}

/** Asks grpc.health.v1.Health. */
export async function checkHealth(address: GatewayAddress, service: string): Promise<HealthCheckResponse> {
  const client = new Client(addressText(address), credentials.createInsecure())
  const { path, requestSerialize, responseDeserialize } = healthService['Check'] as MethodDefinition<object, object>
  try {
    return await new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service }, (error, response) => {
        if (error === null) resolve(response as HealthCheckResponse)
        else reject(error)
      })
    })
  } finally {
    client.close()
  }
}

interface Answer {
  listServicesResponse?: { service: { name: string }[] }
  fileDescriptorResponse?: unknown
}

/** Asks grpc.reflection.v1.ServerReflection, as grpcurl does. */
export async function reflect(
  address: GatewayAddress,
  symbols: readonly string[] = [],
): Promise<ServerReflectionResponse> {
  const folder = dirname(createRequire(import.meta.url).resolve('@grpc/reflection/package.json'))
  const definition = loadSync(join(folder, 'build/proto/grpc/reflection/v1/reflection.proto'), { oneofs: true })
  const { grpc } = loadPackageDefinition(definition) as never as {
    grpc: {
      reflection: { v1: { ServerReflection: new (address: string, credentials: unknown) => Client & Reflection } }
    }
  }
  const client = new grpc.reflection.v1.ServerReflection(addressText(address), credentials.createInsecure())
  try {
    const call = client.serverReflectionInfo()
    const answers = call[Symbol.asyncIterator]() as AsyncIterator<Answer>
    const askOne = async (request: object): Promise<Answer> => {
      call.write(request)
      return (await answers.next()).value as Answer
    }
    const listed = await askOne({ listServices: '' })
    const known: boolean[] = []
    for (const fileContainingSymbol of symbols)
      known.push((await askOne({ fileContainingSymbol })).fileDescriptorResponse !== undefined)
    call.end()
    return { services: (listed.listServicesResponse?.service ?? []).map(({ name }) => name), symbols: known }
  } finally {
    client.close()
  }
}

interface Reflection {
  serverReflectionInfo(): NodeJS.ReadWriteStream & AsyncIterable<unknown> & { write(request: object): boolean }
}
