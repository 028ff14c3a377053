import { describe, expect, it } from 'vitest'
import { childOf, formatTraceparent, parseTraceparent } from './traceparent.ts'

const given = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'

describe('traceparent', () => {
  it('reads what it writes', () => {
    const context = parseTraceparent(given)
    expect(context).toMatchObject({ traceId: given.slice(3, 35), spanId: given.slice(36, 52), traceFlags: 0 })
    expect(context && formatTraceparent(context)).toBe(given)
  })

  it.for([undefined, '', 'x', given.slice(1), given.toUpperCase(), given.replaceAll(/[1-9a-f]/g, '0'), `${given}-x`])(
    'takes %s for none',
    (text) => expect(parseTraceparent(text)).toBeUndefined(),
  )

  it('goes on in the trace, and as it was sampled, with a span of its own', () => {
    expect(childOf(given)).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-00$/)
    expect(childOf(given)).not.toBe(given)
    expect(childOf('nonsense')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  })
})
