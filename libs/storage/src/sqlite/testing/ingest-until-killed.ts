import { say } from '@annals/sqlite/testing'
import { message } from '../../testing/message-store-contract.ts'
import { openSqliteMessages } from '../open-sqlite-messages.ts'

// Stores batches of ten from a number on, settles every second one, and says what was acknowledged.
const [path = '', first = '0'] = process.argv.slice(2)
const store = await openSqliteMessages({ path })

for (let batch = Number(first); ; batch++) {
  const messages = Array.from({ length: 10 }, (_, index) => message(`${batch}-${index}`, batch))
  await store.ingest('community', messages, 'pending')
  say(`stored ${batch}`)
  if (batch % 2 === 0) {
    await store.settle('community', messages, 'archived')
    say(`settled ${batch}`)
  }
}
