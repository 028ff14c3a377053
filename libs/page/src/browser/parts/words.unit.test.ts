import { describe, expect, it } from 'vitest'
import {
  agoText,
  bytesText,
  communityText,
  countText,
  cutText,
  dateText,
  isoText,
  isVisible,
  readableText,
  timeText,
  yearText,
} from './words.ts'

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
  it('cut what is longer than there is room for', () => {
    expect(cutText('abc', 3)).toBe('abc')
    expect(cutText('abcd', 3)).toBe('abc…')
    expect(communityText({ name: 'x'.repeat(1_000_000), communityId: '0x02' })).toHaveLength(121)
  })

  it('take a name of which nothing is to be seen for none', () => {
    for (const name of ['', ' ', '\u200b\u200d\u2060', '\u202e', '\u0301', '\u3164\u2800'])
      expect([name, isVisible(name)]).toEqual([name, false])
    for (const name of ['a', ' ö ', '名', '🎉']) expect([name, isVisible(name)]).toEqual([name, true])
  })

  it('say an error as a sentence, without ids that nobody reads', () => {
    const id = `0x02${'ab'.repeat(32)}`
    expect(readableText(`there is nothing of ${id} yet`)).toBe('There is nothing of 0x02abababab… yet')
    expect(readableText('https://annals.example: no')).toBe('https://annals.example: no')
  })

  it('say the year also where it has more than four digits', () => {
    expect(yearText(0)).toBe('1970')
    expect(yearText(8_640_000_000_000)).toBe('275760')
    expect(yearText(9e15)).toBe('Unknown')
  })
})
