import type { FastifyInstance } from 'fastify'
import type { ApiDescriptors } from './openapi/api-descriptors.ts'
import { openApiDocument } from './openapi/openapi-document.ts'
import { documentPath } from './routes.ts'

/** Adds the OpenAPI document. It is made when somebody asks for it, once. */
export function serveDocument(app: FastifyInstance, descriptors: ApiDescriptors): void {
  let document: string | undefined
  app.get(documentPath, (_, reply) => {
    document ??= JSON.stringify(openApiDocument(descriptors))
    return reply.header('cache-control', 'no-cache').type('application/json').send(document)
  })
}
