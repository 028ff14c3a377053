import { openTestStore } from '../open-test-database.ts'
import { describeMessageStoreContract } from '../testing/message-store-contract.ts'
import { openMongoMessages } from './open-mongo-messages.ts'

describeMessageStoreContract('MongoDB', () => openTestStore((link) => openMongoMessages({ link })))
