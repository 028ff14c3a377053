import { startNats } from '@annals/local-servers'
import { startOrSkip } from '@annals/local-servers/testing'
import { connectNats, NatsPermissionError } from '@annals/nats'
import { describe, expect, it } from 'vitest'
import { BusUnavailableError } from '../errors.ts'
import { collect } from '../testing/collect.ts'
import { community, due } from '../testing/event-bus-harness.ts'
import { openNatsBus } from './open-nats-bus.ts'

/** Two users; one of them may not ask a consumer for messages. */
const configuration = `
accounts {
  A {
    jetstream: enabled
    users: [
      { user: owner, password: owner }
      { user: reader, password: reader, permissions: { publish: { allow: ">", deny: "$JS.API.CONSUMER.MSG.NEXT.>" } } }
    ]
  }
}`

describe('NATS bus whose user may not ask for events', () => {
  it.for([true, false])('ends a reading with what is refused, also one that follows (%s)', async (follow, test) => {
    await using server = await startOrSkip(test, () => startNats({ configuration }))
    const as = (user: string): string => server.url.replace('nats://', `nats://${user}:${user}@`)
    await using owner = await connectNats({ servers: as('owner'), name: 'owner' })
    await using bus = await openNatsBus({ link: owner, namespace: 'annals', replicas: 1, ackWaitSeconds: 1 })
    await bus.publish(due(community(1), 1))

    await using reader = await connectNats({ servers: as('reader'), name: 'reader' })
    await using readers = await openNatsBus({ link: reader, namespace: 'annals', replicas: 1, ackWaitSeconds: 1 })
    const reading = collect(readers.read({ follow }))
    await expect(reading).rejects.toBeInstanceOf(BusUnavailableError)
    await expect(reading).rejects.toMatchObject({
      operation: 'read',
      cause: expect.any(NatsPermissionError) as NatsPermissionError,
    })
    await expect(reading).rejects.toMatchObject({
      cause: {
        operation: 'publish',
        subject: expect.stringMatching(/^\$JS\.API\.CONSUMER\.MSG\.NEXT\.ANNALS\.read-/) as string,
      },
    })
  })
})
