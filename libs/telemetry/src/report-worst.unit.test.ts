import { expect, it } from 'vitest'
import { reportWorst } from './report-worst.ts'

const values = new Map(Object.entries({ a: 1, b: 3, c: 2, d: 3 }))

function told(options: Parameters<typeof reportWorst>[3]): unknown[] {
  const reports: unknown[] = []
  reportWorst((...report) => void reports.push(report), 'seeders', values, options)
  return reports
}

it('tells of a few communities, those with the most or the least', () => {
  expect(told({ worst: 'most', limit: 2 })).toStrictEqual([
    ['seeders', 3, { 'annals.community.id': 'b' }],
    ['seeders', 3, { 'annals.community.id': 'd' }],
  ])
  expect(told({ worst: 'least', limit: 1 })).toStrictEqual([['seeders', 1, { 'annals.community.id': 'a' }]])
  expect(told({ worst: 'least', limit: 0 })).toStrictEqual([])
})
