import { openTestStore } from '../open-test-database.ts'
import { describeStateStoreContract } from '../testing/state-store-contract.ts'
import { openMongoState } from './open-mongo-state.ts'

describeStateStoreContract('MongoDB', () => openTestStore((link) => openMongoState({ link })))
