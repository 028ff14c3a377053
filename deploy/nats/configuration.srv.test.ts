import { execFile } from 'node:child_process'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startNats } from '@annals/local-servers'
import { startOrSkip } from '@annals/local-servers/testing'
import { openNatsChannel } from '@annals/channels/nats'
import { openNatsBus } from '@annals/events/nats'
import { connectNats, NatsAuthorizationError } from '@annals/nats'
import { temporaryFolder } from '@annals/sqlite/testing/temporary-folder'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { parties } from '../needs.ts'
import { newEvent } from '../testing/new-event.ts'
import { connectAs, passwords } from '../testing/open-accounts.ts'
import { publicationRefusal, refusalOf } from '../testing/refusals.ts'
import { declareStreams } from './declare-streams.ts'
import { natsConfiguration, natsUrlFor } from './nats-configuration.ts'
import { passwordVariable } from './password-variable.ts'

afterEach(() => void vi.unstubAllEnvs())

describe('the configuration of a nats-server', () => {
  it('of the file that is kept here lets everybody in with the passwords of its environment, once the streams are there', async (test) => {
    const folder = await temporaryFolder('accounts')
    await copyFile(join(import.meta.dirname, 'annals.conf'), join(folder, 'annals.conf'))
    for (const party of parties) vi.stubEnv(passwordVariable(party), `pw-${passwords[party]}`)
    const configuration = 'accounts {\n  include "annals.conf"\n}'
    await using server = await startOrSkip(test, () => startNats({ folder, configuration }))
    await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'set-up.ts')], {
      env: {
        NATS_URL: natsUrlFor('setup', server.url, `pw-${passwords.setup}`),
        NATS_INBOX_PREFIX: '_INBOX_annals-setup',
        MONGODB_URI: 'mongodb://not-asked',
      },
    })
    for (const party of parties) {
      await using link = await connectNats({
        servers: natsUrlFor(party, server.url, `pw-${passwords[party]}`),
        inboxPrefix: `_INBOX_annals-${party}`,
        name: party,
      })
      await using bus = await openNatsBus({ link, namespace: 'annals', replicas: 1, ackWaitSeconds: 1 })
      expect(await bus.lastSequence()).toBe(0)
    }
    const wrong = connectNats({ servers: natsUrlFor('archiver', server.url, 'wrong'), name: 'wrong' })
    await expect(wrong).rejects.toBeInstanceOf(NatsAuthorizationError)
    const nobody = connectNats({ servers: server.url, name: 'nobody' })
    await expect(nobody).rejects.toBeInstanceOf(NatsAuthorizationError)
  })

  it('keeps installations apart that share a server and a channel', async (test) => {
    const configuration = natsConfiguration(passwords, { namespaces: ['one', 'two'], channel: 'common' })
    await using server = await startOrSkip(test, () => startNats({ configuration }))
    for (const namespace of ['one', 'two']) {
      await using link = await connectAs('setup', server.url, { namespace })
      await declareStreams({ link, namespace, channel: 'common', replicas: 1, log: console })
    }
    await using one = await connectAs('magnet-dispatcher', server.url, { namespace: 'one' })
    await using two = await connectAs('fetcher', server.url, { namespace: 'two' })
    for (const name of ['two.events.MagnetLinkDispatched.c.t', '$JS.API.STREAM.INFO.TWO', '$JS.API.STREAM.MSG.GET.TWO'])
      expect(await publicationRefusal(one, name)).toMatchObject({ operation: 'publish' })
    const foreign = openNatsBus({ link: one, namespace: 'two', replicas: 1, ackWaitSeconds: 1 })
    expect(await refusalOf(foreign)).toStrictEqual({ operation: 'publish', subject: '$JS.API.STREAM.INFO.TWO' })
    await using bus = await openNatsBus({ link: one, namespace: 'one', replicas: 1, ackWaitSeconds: 1 })
    await bus.publish(newEvent('MagnetLinkDispatched'))

    await using sender = await openNatsChannel({ link: one, namespace: 'common', replicas: 1 })
    await using receiver = await openNatsChannel({ link: two, namespace: 'common', replicas: 1 })
    await sender.publish('chat', Buffer.from('for all'))
    const stop = new AbortController()
    for await (const { payload } of receiver.receive('chat', { signal: stop.signal })) {
      expect(Buffer.from(payload).toString()).toBe('for all')
      stop.abort()
    }
  })
})
