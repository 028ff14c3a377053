import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { catalogues } from './documents/catalogues.ts'
import { schedules } from './documents/schedules.ts'
import { keepUnknown } from './keep-unknown.ts'

const schema = z.object({
  known: z.number(),
  inner: z.object({ known: z.string() }).optional(),
  rows: z.array(z.object({ id: z.string() })),
  byName: z.record(z.string(), z.object({ count: z.number() })),
})

describe('fields that a version does not know', () => {
  it('stand beside those it knows, at every depth', () => {
    const stored = {
      known: 1,
      newer: { of: ['a', 'later', 'version'] },
      inner: { known: 'x', newer: null },
      rows: [{ id: 'a', newer: 1 }, { id: 'b' }],
      byName: { a: { count: 1, newer: true } },
    }
    expect(schema.parse(stored)).not.toEqual(stored)
    expect(keepUnknown(schema.parse(stored), stored)).toStrictEqual(stored)
  })

  it.each([
    [catalogues, { generation: 1, archives: [], superseded: ['a'], torrents: [] }],
    [
      schedules,
      {
        schedule: {
          controlNode: true,
          joined: true,
          archivingOn: true,
          hasChats: true,
          syncsRequested: 1,
          lastSequence: 7,
          paused: 8,
        },
        decided: [{ name: 'ArchiveDue', idParts: ['a'], payload: { from: 1, to: 2, intervalSeconds: 1, newer: 3 } }],
      },
    ],
  ])('are kept in the documents of $name', (definition, stored) => {
    expect(keepUnknown<unknown>(definition.parse(stored), stored)).toStrictEqual(stored)
  })

  it('are none where the version knows all: what was parsed stays as it is', () => {
    const stored = { known: 1, rows: [{ id: 'a' }], byName: {} }
    const parsed = schema.parse(stored)
    expect(keepUnknown(parsed, stored)).toBe(parsed)
  })

  it('change nothing that was parsed, whatever is stored', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (newer) => {
        const known = { known: 1, rows: [], byName: {} }
        const stored = typeof newer === 'object' && !Array.isArray(newer) ? { ...newer, ...known } : known
        const kept = keepUnknown(schema.parse(stored), stored)
        expect(schema.parse(kept)).toStrictEqual(schema.parse(stored))
        expect(kept).toEqual(stored)
      }),
    )
  })
})
