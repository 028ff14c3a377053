import { say } from '@annals/sqlite/testing'
import { openMongoState } from '../open-mongo-state.ts'
import { openLink } from './open-link.ts'

// Counts documents up, two by two, and says each version that was acknowledged.
const store = await openMongoState({ link: await openLink() })
const counters = store.collection({ name: 'counters', parse: (value) => value as { count: number } })

async function count(ids: readonly string[]): Promise<void> {
  const writes = await Promise.all(
    ids.map(async (id) => {
      const found = await counters.get(id)
      return { id, value: { count: (found?.value.count ?? 0) + 1 }, expectedVersion: found?.version ?? 0 }
    }),
  )
  for (const written of await counters.putMany(writes)) {
    if (written instanceof Error) throw written
    say(`${written.id} ${written.version} ${written.value.count}`)
  }
}

while (true) await Promise.all([count(['a', 'b']), count(['c', 'd'])])
