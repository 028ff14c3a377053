import { say } from '@annals/sqlite/testing'
import { openSqliteState } from '../open-sqlite-state.ts'

// Counts documents up and says each version that was acknowledged.
const store = await openSqliteState({ path: process.argv[2] ?? '' })
const counters = store.collection({ name: 'counters', parse: (value) => value as { count: number } })

async function count(id: string): Promise<void> {
  const found = await counters.get(id)
  const { version, value } = await counters.put(id, { count: (found?.value.count ?? 0) + 1 }, found?.version ?? 0)
  say(`${id} ${version} ${value.count}`)
}

while (true) await Promise.all(['a', 'b', 'c', 'd'].map(count))
