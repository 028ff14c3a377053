import type { DescField, DescMethod } from '@bufbuild/protobuf'
import type { ApiRoute } from '../api-route.ts'
import type { ApiDescriptors } from './api-descriptors.ts'
import type { Schema } from './message-schema.ts'
import { fieldSchema } from './message-schema.ts'

/** A page holds at most so many items; so many where nothing is said. */
export const maxPageItems = 1_000
export const defaultPageItems = 100

/** What a route takes, part by part. */
export interface RouteSchemas {
  readonly path: Readonly<Record<string, Schema>>
  readonly query: Readonly<Record<string, Schema>>
  /** Absent where the route takes no body. */
  readonly body?: Schema
}

/** @throws TypeError where the table names a method, or a parameter, that there is not */
export function routeSchemas(route: ApiRoute, descriptors: ApiDescriptors): RouteSchemas {
  const method = methodOf(route, descriptors)
  const inPath = parametersOf(route.path)
  const byName = new Map(method.input.fields.map((field) => [field.jsonName, field]))
  const path = Object.fromEntries(inPath.map((name) => [name, fieldSchema(existing(byName, name, route), descriptors)]))
  const others = method.input.fields.filter((field) => !inPath.includes(field.jsonName) && isFree(field, inPath, route))
  const properties = Object.fromEntries(others.map((field) => [field.jsonName, fieldSchema(field, descriptors)]))
  const takesBody = route.verb === 'POST' || route.verb === 'PUT'
  if (!takesBody) return { path, query: { ...properties, ...(route.form === 'page' && { limit: pageLimit }) } }
  return { path, query: {}, body: { type: 'object', properties, additionalProperties: false } }
}

const pageLimit: Schema = {
  type: 'integer',
  minimum: 1,
  maximum: maxPageItems,
  default: defaultPageItems,
  description: 'How many items the page holds at most.',
}

export function methodOf({ method }: Pick<ApiRoute, 'method'>, { methods }: ApiDescriptors): DescMethod {
  const found = methods.get(method)
  if (found === undefined) throw new TypeError(`there is no method ${method}`)
  return found
}

/** The names behind colons. */
export function parametersOf(path: string): string[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
}

/** Pages are of what is there: they do not follow. Of alternatives the path names one. */
function isFree(field: DescField, inPath: readonly string[], { form }: ApiRoute): boolean {
  if (form === 'page' && field.jsonName === 'follow') return false
  return field.oneof === undefined || !field.oneof.fields.some(({ jsonName }) => inPath.includes(jsonName))
}

function existing(fields: ReadonlyMap<string, DescField>, name: string, { method }: ApiRoute): DescField {
  const field = fields.get(name)
  if (field === undefined) throw new TypeError(`the request of ${method} has no field ${name}`)
  return field
}
