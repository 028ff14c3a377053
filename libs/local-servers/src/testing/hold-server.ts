import { say } from '@annals/sqlite/testing'
import { startMongo } from '../start-mongo.ts'
import { startNats } from '../start-nats.ts'

// Holds a server in the folder until it is killed.
const [kind, folder = ''] = process.argv.slice(2)
const server = await (kind === 'nats' ? startNats : startMongo)({ folder })
say(server.url)
