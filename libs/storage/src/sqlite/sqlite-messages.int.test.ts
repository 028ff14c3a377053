import { join } from 'node:path'
import { openTestFolder } from '../open-test-folder.ts'
import { describeMessageStoreContract } from '../testing/message-store-contract.ts'
import { openSqliteMessages } from './open-sqlite-messages.ts'

describeMessageStoreContract('SQLite', () =>
  openTestFolder((folder) => openSqliteMessages({ path: join(folder, 'messages.db') })),
)
