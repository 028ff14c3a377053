type Json = null | boolean | number | string | readonly Json[] | JsonObject
interface JsonObject {
  readonly [key: string]: Json
}

/** An OpenAPI document of Kubernetes, as far as it is read here. */
export interface OpenApi {
  readonly definitions: Readonly<Record<string, JsonObject>>
}

/** A resource that is defined in the cluster itself, as far as it is read here. */
export interface CustomResourceDefinition {
  readonly spec: {
    readonly group: string
    readonly names: { readonly kind: string }
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: JsonObject } }[]
  }
}

/**
 * The JSON schemas of all kinds of Kubernetes by file name, as kubeconform looks for them. Strict: what is not defined is
 * wrong. Each stands for itself, with the definitions that it needs: all of them are megabytes, which kubeconform would read
 * for every resource.
 */
export function schemasOfApi({ definitions }: OpenApi): Map<string, JsonObject> {
  const strict = Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [
      name,
      special(name) ?? (strictly(definition) as JsonObject),
    ]),
  )
  const schemas = new Map<string, JsonObject>()
  for (const [name, definition] of Object.entries(definitions))
    for (const { group, kind, version } of kindsOf(definition))
      schemas.set(schemaFile(group, version, kind), withDefinitions(strict[name] ?? {}, strict))
  return schemas
}

function withDefinitions(schema: JsonObject, all: Readonly<Record<string, JsonObject>>): JsonObject {
  const needed = new Map<string, JsonObject>()
  const open: JsonObject[] = [schema]
  for (let next = open.pop(); next !== undefined; next = open.pop())
    for (const [, name = ''] of JSON.stringify(next).matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g)) {
      const found = all[name]
      if (found === undefined || needed.has(name)) continue
      needed.set(name, found)
      open.push(found)
    }
  return { ...schema, definitions: Object.fromEntries(needed) }
}

/** The JSON schemas of the versions of a custom resource by file name. */
export function schemasOfCustomResource({ spec }: CustomResourceDefinition): Map<string, JsonObject> {
  return new Map(
    spec.versions.map(({ name, schema }) => {
      const { properties, ...rest } = schema.openAPIV3Schema as JsonObject & { properties: JsonObject }
      // What every object has is left to the server in such a definition.
      const full = { ...rest, properties: { ...properties, metadata: {} } }
      return [schemaFile(spec.group, name, spec.names.kind), strictly(full) as JsonObject]
    }),
  )
}

function schemaFile(group: string, version: string, kind: string): string {
  return `${[kind, ...(group === '' ? [] : [group.split('.')[0]]), version].join('-').toLowerCase()}.json`
}

function kindsOf(definition: JsonObject): { group: string; kind: string; version: string }[] {
  return (definition['x-kubernetes-group-version-kind'] ?? []) as never
}

const stringOrNumber = { oneOf: [{ type: 'string' }, { type: 'number' }] }
const stringOrInteger = { oneOf: [{ type: 'string' }, { type: 'integer' }] }

/** Types that say of themselves less than is true. */
function special(name: string): JsonObject | undefined {
  if (name.endsWith('api.resource.Quantity')) return stringOrNumber
  if (name.endsWith('IntOrString')) return stringOrInteger
  return undefined
}

function strictly(value: Json): Json {
  if (value === null || typeof value !== 'object') return value
  if (isList(value)) return value.map(strictly)
  if (value['format'] === 'int-or-string' || value['x-kubernetes-int-or-string'] === true) return stringOrInteger
  const copy: Record<string, Json> = {}
  for (const [key, each] of Object.entries(value)) {
    if (key.startsWith('x-kubernetes-') || (key === 'description' && typeof each === 'string')) continue
    copy[key] = strictly(each)
  }
  const isOpen = 'additionalProperties' in value || value['x-kubernetes-preserve-unknown-fields'] === true
  const { properties } = value
  if (isObject(properties) && !isOpen) copy['additionalProperties'] = false
  return copy
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
