import { join } from 'node:path'
import { openTestFolder } from '../open-test-folder.ts'
import { describeStoresBesideModel } from '../testing/describe-model.ts'
import { openSqliteMessages } from './open-sqlite-messages.ts'
import { openSqliteState } from './open-sqlite-state.ts'

describeStoresBesideModel(
  'SQLite',
  () => openTestFolder((folder) => openSqliteState({ path: join(folder, 'store.db') })),
  () => openTestFolder((folder) => openSqliteMessages({ path: join(folder, 'store.db') })),
  60,
)
