import { describe, expect, it } from 'vitest'
import { schemasOfApi, schemasOfCustomResource } from './kubernetes-schemas.ts'

const kind = (group: string, name: string): object => ({
  'x-kubernetes-group-version-kind': [{ group, kind: name, version: 'v1' }],
})

const definitions = {
  'api.apps.v1.Deployment': {
    ...kind('apps', 'Deployment'),
    description: 'not kept',
    type: 'object',
    properties: { spec: { $ref: '#/definitions/api.Spec' } },
  },
  'api.core.v1.Service': { ...kind('', 'Service'), type: 'object', properties: { description: { type: 'string' } } },
  'api.rbac.v1.Role': { ...kind('rbac.authorization.k8s.io', 'Role'), type: 'object', additionalProperties: {} },
  'api.Spec': {
    properties: {
      port: { $ref: '#/definitions/util.IntOrString' },
      size: { $ref: '#/definitions/api.resource.Quantity' },
      again: { $ref: '#/definitions/api.Spec' },
    },
  },
  'util.IntOrString': { type: 'string', format: 'int-or-string' },
  'api.resource.Quantity': { type: 'string' },
  'api.Other': { type: 'string' },
}

describe('schemas of manifests', () => {
  const schemas = schemasOfApi({ definitions })

  it('go by the names that kubeconform looks for', () => {
    expect([...schemas.keys()]).toEqual(['deployment-apps-v1.json', 'service-v1.json', 'role-rbac-v1.json'])
  })

  it('allow no field that is not defined, and have the definitions that they need', () => {
    expect(schemas.get('deployment-apps-v1.json')).toEqual({
      type: 'object',
      properties: { spec: { $ref: '#/definitions/api.Spec' } },
      additionalProperties: false,
      definitions: {
        'api.Spec': { ...definitions['api.Spec'], additionalProperties: false },
        'util.IntOrString': { oneOf: [{ type: 'string' }, { type: 'integer' }] },
        'api.resource.Quantity': { oneOf: [{ type: 'string' }, { type: 'number' }] },
      },
    })
    expect(schemas.get('role-rbac-v1.json')).toEqual({ type: 'object', additionalProperties: {}, definitions: {} })
  })

  it('keep a field that is called as what is left out', () => {
    expect(schemas.get('service-v1.json')).toMatchObject({ properties: { description: { type: 'string' } } })
  })

  it('are made of custom resources as well, and leave open what these leave open', () => {
    const spec = { type: 'object', properties: { count: { type: 'integer' } } }
    const status = { properties: {}, 'x-kubernetes-preserve-unknown-fields': true }
    const openAPIV3Schema = { type: 'object', properties: { spec, status } }
    const names = { kind: 'Thing' }
    const versions = [{ name: 'v1beta1', schema: { openAPIV3Schema } }]
    const made = schemasOfCustomResource({ spec: { group: 'things.example', names, versions } })
    expect(Object.fromEntries(made)).toEqual({
      'thing-things-v1beta1.json': {
        type: 'object',
        properties: { spec: { ...spec, additionalProperties: false }, status: { properties: {} }, metadata: {} },
        additionalProperties: false,
      },
    })
  })
})
