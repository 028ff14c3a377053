import { openTestNode } from '@annals/service/testing'
import { expect, it } from 'vitest'
import { collectWhenDue } from './blob-collection.ts'

it('collecting blobs › happens once a day, in one of the processes', async () => {
  await using node = await openTestNode()
  const { context } = node
  const { key } = await context.blobs.put([Uint8Array.of(1, 2, 3)])
  const now = Math.floor(Date.now() / 1000)
  expect(await collectWhenDue(context, now)).toBe(false)
  const tomorrow = now + 86_400
  expect(await Promise.all([1, 2, 3].map(() => collectWhenDue(context, tomorrow)))).toHaveLength(3)
  expect(await collectWhenDue(context, tomorrow)).toBe(false)
  expect(await collectWhenDue(context, tomorrow + 86_400)).toBe(true)
  // It is not a day old by the machine's clock.
  expect(await context.blobs.has(key)).toBe(true)
})
