import { describe, expect, it } from 'vitest'
import { agoText, bytesText, communityText, countText, dateText, isoText, timeText } from './words.ts'

describe('words', () => {
  it.for([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 KB'],
    [153_400, '153 KB'],
    [2_560_000, '2.6 MB'],
    [5e15, '5000 TB'],
  ] as const)('say %d bytes as %s', ([bytes, text]) => {
    expect(bytesText(bytes)).toBe(text)
  })

  it('say how long ago something was, or how soon it will be', () => {
    const now = 1_800_000_000
    expect(agoText(now, now)).toBe('just now')
    expect(agoText(now + 20, now)).toBe('in a moment')
    expect(agoText(now - 90, now)).toBe('1 minute ago')
    expect(agoText(now + 2 * 86_400, now)).toBe('in 2 days')
    expect(agoText(now - 86_400, now)).toBe('yesterday')
    expect(agoText(now - 5 * 604_800, now)).toBe('last month')
  })

  it('say a moment in UTC, and what is no moment as it came', () => {
    expect(dateText(0)).toBe('1 Jan 1970')
    expect(timeText(1_700_000_000)).toBe('14 Nov 2023, 22:13:20 UTC')
    expect(timeText(9e15)).toBe('9000000000000000')
    expect(isoText(9e15)).toBeUndefined()
    expect(isoText(0)).toBe('1970-01-01T00:00:00.000Z')
  })

  it('count', () => {
    expect(countText(1, 'week')).toBe('1 week')
    expect(countText(1_234, 'week')).toBe('1,234 weeks')
  })

  it('name a community without a name by its id', () => {
    expect(communityText({ name: '', communityId: '0x02abcdef0123456789' })).toBe('0x02abcdef01…')
    expect(communityText({ name: 'Gardeners', communityId: '0x02' })).toBe('Gardeners')
  })
})
