import { allServices } from '@annals/annals'
import { addControlled, addMember, messageOf, openInstallation, waitForEvent } from '@annals/service/testing'
import type { Installation, TestNode } from '@annals/service/testing'
import type { OtlpReceiver } from '@annals/telemetry/testing'
import { startOtlpReceiver, telemetryTo } from '@annals/telemetry/testing'
import { expect, it } from 'vitest'
import { archiveWay, orphansOf, stepsOf, wayBegins } from './support/archive-way.ts'

const week = 604_800

/** One service at work as if in a process of its own, which tells the receiver what it does. */
async function open(
  installation: Installation,
  receiver: OtlpReceiver,
  stack: AsyncDisposableStack,
  name: string,
  env: Readonly<Record<string, string>> = {},
): Promise<TestNode> {
  const telemetry = stack.use(await telemetryTo(receiver.endpoint, { metrics: false }))
  const own = { ...telemetry, tracing: () => telemetry.tracing(name) }
  const node = stack.use(await installation.open(name, { telemetry: own, env }))
  const definition = allServices.find((each) => each.name === name)
  if (definition === undefined) throw new TypeError(`there is no service ${name}`)
  await node.start(definition)
  return node
}

it('the way of an archive is one trace across NATS, from the scheduler of one installation to the fetcher of another', async () => {
  await using receiver = await startOtlpReceiver()
  await using control = openInstallation()
  await using member = openInstallation({ ANNALS_CHANNEL: `nats:${control.namespace}` })
  const namespaces = [control.namespace, member.namespace]
  {
    await using stack = new AsyncDisposableStack()
    const start = (installation: Installation, name: string, env = {}): Promise<TestNode> =>
      open(installation, receiver, stack, name, env)
    const seeder = await start(control, 'seeder')
    const { host, port } = seeder.context.torrents.address
    const { context } = await start(control, 'archiver', { ANNALS_PEERS: `${host}:${port}` })
    await start(control, 'magnet-dispatcher')
    await start(control, 'collector')
    const fetcher = await start(member, 'fetcher')
    const communityId = await addControlled(context)
    await addMember(fetcher.context, communityId)
    const messages = [0, 1, 2].map((number) => messageOf(communityId, context.clock.now - week + number))
    await context.messages.ingest(communityId, messages, 'pending')
    await start(control, 'scheduler')
    await waitForEvent(fetcher.context, communityId, 'DownloadFinished')
  }
  const [due, ...others] = receiver.spans.filter(
    ({ name }) => name.endsWith('.ArchiveDue') && name.startsWith('publish'),
  )
  expect(others).toStrictEqual([])
  expect(due?.name).toBe(wayBegins.replace(' annals.', ` ${control.namespace}.`))
  const steps = stepsOf(receiver.spans, due?.traceId ?? '', namespaces)
  expect(steps).toEqual(expect.arrayContaining([...archiveWay]))
  expect(orphansOf(receiver.spans)).toStrictEqual([])
  const systems = receiver.spans.flatMap(
    ({ attributes }) => attributes['messaging.system'] ?? attributes['db.system.name'] ?? [],
  )
  expect(new Set(systems)).toStrictEqual(new Set(['nats', 'mongodb']))
})
