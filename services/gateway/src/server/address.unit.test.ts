import { userInfo } from 'node:os'
import { describe, expect, it } from 'vitest'
import { addressText, gatewayAddress, isLocal } from './address.ts'
import { InvalidAddressError } from './invalid-address-error.ts'

describe('gatewayAddress', () => {
  it('is a socket in the data folder where nothing is said', () => {
    expect(gatewayAddress('', '/srv/annals')).toEqual({ kind: 'socket', path: '/srv/annals/annals.sock' })
  })

  it('is a short path for a data folder whose path is too long for a socket, the same each time', () => {
    const folder = `/srv/${'long/'.repeat(30)}`
    const address = gatewayAddress('', folder)
    expect(address).toEqual(gatewayAddress('', `${folder}/.`))
    expect(address).not.toEqual(gatewayAddress('', `${folder}/other`))
    expect(addressText(address).length).toBeLessThan(110)
    expect(addressText(address)).toContain(`annals-${userInfo().uid}/`)
  })

  it.each([
    ['unix:/run/annals.sock', { kind: 'socket', path: '/run/annals.sock' }],
    ['unix:///run/annals.sock', { kind: 'socket', path: '/run/annals.sock' }],
    ['127.0.0.1:0', { kind: 'tcp', host: '127.0.0.1', port: 0 }],
    ['annals.example:443', { kind: 'tcp', host: 'annals.example', port: 443 }],
    ['[::1]:50051', { kind: 'tcp', host: '::1', port: 50051 }],
  ])('reads %s', (text, address) => {
    expect(gatewayAddress(text, '.')).toEqual(address)
  })

  it.each(['localhost', ':1', '::1:5', 'host:70000', 'host:x', `unix:/${'x'.repeat(200)}`])('refuses %s', (text) => {
    expect(() => gatewayAddress(text, '.')).toThrow(InvalidAddressError)
  })
})

describe('isLocal', () => {
  it.each(['', 'unix:/x', '127.0.0.1:1', '127.9.9.9:1', '[::1]:1', 'localhost:1'])('is true of %j', (text) => {
    expect(isLocal(gatewayAddress(text, '.'))).toBe(true)
  })

  it.each(['0.0.0.0:1', '[::]:1', '10.0.0.1:1', 'annals.example:1', '127.0.0.1.example:1'])(
    'is false of %s',
    (text) => {
      expect(isLocal(gatewayAddress(text, '.'))).toBe(false)
    },
  )
})
