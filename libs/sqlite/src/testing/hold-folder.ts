import { lockFolder } from '../lock-folder.ts'
import { say } from './child-process.ts'

// Holds the folder until it is killed.
await lockFolder(process.argv[2] ?? '')
say('held')
setInterval(() => {}, 60_000)
