import { describe, expect, it } from 'vitest'
import { needsOf, type Needs } from '../needs.ts'
import { basePolicies, enginePolicies, services } from './network-policies.ts'

interface Policy {
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly podSelector: { readonly matchLabels?: Labels; readonly matchExpressions?: readonly { values: string[] }[] }
    readonly policyTypes: readonly string[]
    readonly ingress?: readonly Rule[]
    readonly egress?: readonly Rule[]
  }
}
type Labels = Readonly<Record<string, string>>
interface Rule {
  readonly to?: readonly object[]
  readonly from?: readonly object[]
  readonly ports?: readonly { readonly port: number; readonly endPort?: number }[]
}

/** All that applies to pods of a name. */
function policiesFor(name: string, policies: readonly object[]): Policy[] {
  return (policies as Policy[]).filter(({ spec: { podSelector } }) => {
    const { matchLabels, matchExpressions } = podSelector
    return (
      matchLabels?.['app.kubernetes.io/name'] === name ||
      matchExpressions?.some(({ values }) => values.includes(name)) === true
    )
  })
}

function portsOf(rules: readonly Rule[]): number[] {
  return [...new Set(rules.flatMap(({ ports = [] }) => ports.map(({ port }) => port)))].toSorted((a, b) => a - b)
}

describe.for(['inside', 'outside'] as const)('what the network lets through, with engines %s', (place) => {
  const policies = [...basePolicies(), ...enginePolicies(place)]

  it('is nothing, where no other policy says so', () => {
    expect(policies[0]).toMatchObject({ spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] } })
    expect(policies[0]).not.toHaveProperty('spec.ingress')
    expect(policies[0]).not.toHaveProperty('spec.egress')
  })

  it.for(services)('is for %s what the table of needs has', (service) => {
    const { reaches, accepts }: Needs = needsOf(service)
    const own = policiesFor(service, policies).map(({ spec }) => spec)
    const egress = own.flatMap((spec) => spec.egress ?? [])
    const expected = [
      ...(reaches.includes('nats') ? [4_222] : []),
      ...(reaches.includes('waku') ? [8_645] : []),
      ...(reaches.includes('mongodb') ? [27_017] : []),
    ]
    expect(portsOf(egress)).toEqual(expected)
    const everywhere = egress.filter(({ ports }) => ports === undefined)
    expect(everywhere).toHaveLength(reaches.includes('bittorrent') ? 1 : 0)
    const ingress = own.flatMap((spec) => spec.ingress ?? [])
    expect(ingress.map(({ from }) => from)).toEqual(accepts.map(() => undefined))
  })
})

it('engines inside let in those who need them, and nobody else', () => {
  for (const engine of ['nats', 'mongodb'] as const) {
    const [policy, ...others] = policiesFor(engine, enginePolicies('inside'))
    expect(others).toEqual([])
    const clients = services.filter((service) => needsOf(service).reaches.includes(engine))
    expect(policy?.spec).toMatchObject({
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ podSelector: { matchExpressions: [{ values: clients }] } }] }],
    })
  }
})
