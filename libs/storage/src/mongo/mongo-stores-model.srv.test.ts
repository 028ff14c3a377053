import { openTestStore } from '../open-test-database.ts'
import { describeStoresBesideModel } from '../testing/describe-model.ts'
import { openMongoMessages } from './open-mongo-messages.ts'
import { openMongoState } from './open-mongo-state.ts'

describeStoresBesideModel(
  'MongoDB',
  () => openTestStore((link) => openMongoState({ link })),
  () => openTestStore((link) => openMongoMessages({ link })),
  20,
)
