import { MongoNetworkError, MongoServerError, MongoServerSelectionError } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { isMongo, isPassing } from './mongo-errors.ts'

const socketError = (code: string): Error => Object.assign(new Error(`write ${code}`), { code, syscall: 'write' })

describe('errors of the database', () => {
  it.for(['ECONNRESET', 'EPIPE', 'ERR_STREAM_DESTROYED'])('%s of a socket passes, as the driver’s own does', (code) => {
    expect(isMongo(socketError(code))).toBe(true)
    expect(isPassing(socketError(code))).toBe(true)
    expect(isPassing(new MongoNetworkError('connection closed'))).toBe(true)
  })

  it('are told from those of the program and of its files', () => {
    for (const error of [new TypeError('no such property'), socketError('ENOSPC'), socketError('ENOENT'), undefined])
      expect([isMongo(error), isPassing(error)]).toEqual([false, false])
  })

  it('pass where the server can do it a moment later', () => {
    expect(isPassing(new MongoServerError({ code: 11_600, message: 'shutting down' }))).toBe(true)
    expect(isPassing(new MongoServerError({ code: 11_000, message: 'duplicate key' }))).toBe(false)
    expect(isPassing(new MongoServerError({ code: 16_908_292, message: 'deadlock detected' }))).toBe(true)
    const none = new MongoServerSelectionError('no server', { type: 'Unknown' } as never)
    expect([isMongo(none), isPassing(none)]).toEqual([true, false])
  })
})
