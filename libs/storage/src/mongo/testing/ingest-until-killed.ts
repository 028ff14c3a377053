import { say } from '@annals/sqlite/testing'
import { message } from '../../testing/message-store-contract.ts'
import { openMongoMessages } from '../open-mongo-messages.ts'
import { openLink } from './open-link.ts'

// Stores batches of ten from a number on, settles every second one, and says what was acknowledged.
const store = await openMongoMessages({ link: await openLink() })

for (let batch = Number(process.argv[4]); ; batch++) {
  const messages = Array.from({ length: 10 }, (_, index) => message(`${batch}-${index}`, batch))
  await store.ingest('community', messages, 'pending')
  say(`stored ${batch}`)
  if (batch % 2 === 0) {
    await store.settle('community', messages, 'archived')
    say(`settled ${batch}`)
  }
}
