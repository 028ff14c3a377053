import { connect } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { spawnScript } from '@annals/sqlite/testing'
import { temporaryFolder } from '@annals/sqlite/testing/temporary-folder'
import { describe, expect, it } from 'vitest'
import { runCommand } from './processes/run-command.ts'

const holdServer = new URL('testing/hold-server.ts', import.meta.url)

describe('a process that is killed with SIGKILL', () => {
  it.for(['nats', 'mongo'])('leaves nothing of its %s server behind', async (kind) => {
    const folder = await temporaryFolder('outliving')
    await using owner = spawnScript(holdServer, [kind, folder])
    await owner.untilLines(1)
    const { hostname, port } = new URL(owner.lines[0] ?? '')
    const client = connect({ host: hostname, port: Number(port) })
    await once(client, 'connect')
    const cutOff = once(client.resume(), 'close')
    await owner.kill()
    await cutOff
    // Every process that works on the folder holds the lock.
    await runCommand('flock', [join(folder, 'server.lock'), 'true'])
    await expect(once(connect({ host: hostname, port: Number(port) }), 'connect')).rejects.toThrow('ECONNREFUSED')
  })
})
