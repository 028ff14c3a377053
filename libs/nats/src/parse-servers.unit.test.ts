import { describe, expect, it } from 'vitest'
import { InvalidNatsOptionError } from './errors.ts'
import { parseServers } from './parse-servers.ts'

function refusal(servers: string): unknown {
  try {
    return parseServers(servers)
  } catch (error) {
    return error
  }
}

describe('addresses of NATS servers', () => {
  it('takes several, with or without scheme and port', () => {
    expect(parseServers('nats://one:4223, two ,nats://[::1]:4224')).toStrictEqual({
      addresses: ['one:4223', 'two:4222', '[::1]:4224'],
      tls: false,
    })
  })

  it('takes credentials out of an address, decoded', () => {
    expect(parseServers('nats://annals:p%40ss@one,nats://two')).toMatchObject({
      addresses: ['one:4222', 'two:4222'],
      user: 'annals',
      password: 'p@ss',
    })
    expect(parseServers('tls://secret@one')).toStrictEqual({ addresses: ['one:4222'], token: 'secret', tls: true })
  })

  it('refuses what is no address without showing what is secret', () => {
    for (const servers of [
      '',
      ' , ',
      'http://one',
      'nats://',
      'nats://user:secret@',
      'nats://a:1@one,nats://b:2@two',
    ]) {
      const error = refusal(servers)
      expect(error).toBeInstanceOf(InvalidNatsOptionError)
      expect(error).toMatchObject({ option: 'servers' })
      expect(String(error)).not.toContain('secret')
    }
  })
})
