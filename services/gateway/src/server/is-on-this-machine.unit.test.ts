import { describe, expect, it } from 'vitest'
import { isOnThisMachine } from './is-on-this-machine.ts'

const tcp = { kind: 'tcp', host: '0.0.0.0', port: 50_051 } as const

describe('a caller is on this machine', () => {
  it.for(['127.0.0.1:4000', '127.8.0.1:1', '::1:4000', '::ffff:127.0.0.1:4000'])('at %s', (peer) => {
    expect(isOnThisMachine(peer, tcp)).toBe(true)
  })

  it('on a socket, of which nothing is known', () => {
    expect(isOnThisMachine('unknown', { kind: 'socket', path: '/run/annals.sock' })).toBe(true)
  })

  it.for([
    'unknown',
    '',
    '10.0.0.1:127',
    '127.0.0.1',
    '::ffff:10.0.0.1:1',
    '127.0.0.1.example:80',
    '2001:db8::1:4000',
    '::1',
  ])('and not at %s', (peer) => {
    expect(isOnThisMachine(peer, tcp)).toBe(false)
  })
})
