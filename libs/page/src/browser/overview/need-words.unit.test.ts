import { describe, expect, it } from 'vitest'
import { detailText, needText } from './need-words.ts'

describe('what a community needs', () => {
  it('is said in words, and as it came where a newer node knows more reasons', () => {
    expect(needText('behind')).toBe('Weeks are not sealed')
    expect(needText('of-tomorrow')).toBe('of-tomorrow')
  })

  it.for([
    ['behind', '1', '1 interval'],
    ['dead-letters', '1200', '1,200 events'],
    ['refusals', '', ''],
    ['not-seeded', 'abab', 'torrent abab'],
    ['stores-fail', 'https://store.example: refused', 'https://store.example: refused'],
    ['of-tomorrow', '3', '3'],
  ] as const)('says what a number counts: %s %s', ([reason, detail, text]) => {
    expect(detailText({ reason, detail })).toBe(text)
  })

  it('is cut where it is longer than anybody reads', () => {
    expect(detailText({ reason: 'download-fails', detail: 'x'.repeat(10_000) })).toHaveLength(301)
  })
})
