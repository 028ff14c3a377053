import { join } from 'node:path'
import { openTestFolder } from '../open-test-folder.ts'
import { describeStateStoreContract } from '../testing/state-store-contract.ts'
import { openSqliteState } from './open-sqlite-state.ts'

describeStateStoreContract('SQLite', () =>
  openTestFolder((folder) => openSqliteState({ path: join(folder, 'state.db') })),
)
