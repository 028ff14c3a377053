// The whole system in containers, as the manifests for a small host have them, by hand, as root on Debian:
// node test-e2e/containers-for-long.ts [MESSAGES]
// MESSAGES: how many a week on the average. Builds the image, makes images of NATS and of a server of MongoDB's wire protocol where
// none can be had, and runs one container a service for a node that controls a community and for a member, under users, restrictions, volumes and limits
// of the manifests. Each container is killed once while a week is sealed, announced and fetched, and started again; at the end each is told to stop.
// Ends with exit code 1 where both nodes do not hold, byte for byte, what two nodes of one process each do that nobody disturbs, where an event
// is not handled, where a container lacks memory or does not end in order.
import { strict as assert } from 'node:assert'
import { setTimeout } from 'node:timers/promises'
import { buildImage, DockerEngine, makeServerImages } from '@annals/deploy/image'
import type { Manifest } from '@annals/deploy/testing'
import { buildOverlay, manifestsIn, planPod } from '@annals/deploy/testing'
import { openKubernetesTools } from '@annals/local-servers'
import { Chronicle, beginning, week } from './support/chronicle.ts'
import { ContainerKills } from './support/containers/container-kills.ts'
import { ContainerWorld, openNetwork } from './support/containers/container-world.ts'
import { usageTable } from './support/containers/usage-table.ts'
import { watchUsage } from './support/containers/watch-usage.ts'
import { calm, liveChronicle } from './support/live-chronicle.ts'
import type { Outcome } from './support/live-chronicle.ts'
import { RestartableNode } from './support/restartable-node.ts'
import { unhandledEvents } from './support/unhandled-events.ts'
import { World } from './support/world.ts'

const image = 'annals:tried'
// One of the first weeks is silent.
const firstWeeks = 5
// One in peace, and one for each container.
const rounds = 15
const messagesPerWeek = Number(process.argv[2] ?? 500)
const restMilliseconds = 20_000
const say = (line: string): boolean => process.stdout.write(`${line}\n`)

await using engine = await DockerEngine.open(say)
// Its reaper would be one more image: what is started here is stopped here.
Object.assign(process.env, {
  TESTCONTAINERS_RYUK_DISABLED: 'true',
  ...(engine.address !== undefined && { DOCKER_HOST: engine.address }),
})
await buildImage(engine, image, say)
const { kustomize } = await openKubernetesTools({ onProgress: say })
const manifests = manifestsIn(await buildOverlay(kustomize, 'single'))
const servers = await makeServerImages(
  engine,
  { nats: imageOf(manifests, 'nats'), mongodb: imageOf(manifests, 'mongodb') },
  say,
)
say(`servers: ${servers.nats}, ${servers.mongodb}`)

const { network, host } = await openNetwork()
await using _network = network
const chronicle = new Chronicle(firstWeeks + rounds, messagesPerWeek, firstWeeks)
const now = beginning + firstWeeks * week
// The tracker sees peers of this machine under any of its addresses.
await using beside = await World.create(now, undefined, { tracker: host, peers: '0.0.0.0' })
const undisturbed = await liveUndisturbed()
say(`in two processes: ${undisturbed.messages.control} messages, ${undisturbed.controlArchives.length} archives`)

await using world = await ContainerWorld.create({ manifests, image, servers, network, now, beside })
say(`in containers: ${world.containers.length} of them are at work`)
const atRest = await watchUsage(world.containers, setTimeout(restMilliseconds))

const kills = new ContainerKills(world, ({ name, at, wasAtWork }) =>
  say(
    `killed after ${at} and started again: ${name}${wasAtWork === undefined ? '' : wasAtWork ? ', at work' : ', its work was done by then'}`,
  ),
)
assert.equal(kills.rounds, rounds)
const nodes = [world.control, world.member] as const
const atWork = await watchUsage(world.containers, liveChronicle(world, chronicle, nodes, kills))
assert.deepEqual(atWork.result, undisturbed)
assert.deepEqual(atWork.result.differences, [])
assert.deepEqual(await unhandledEvents(world, nodes), [])
say(
  `${kills.killed.length} killed; both nodes hold the same, byte for byte, as without; every event is handled, no dead letters`,
)

for (const line of usageTable(atRest.used, atWork.used)) say(line)
for (const container of world.containers) {
  const { wasOutOfMemory } = await container.troubles()
  assert.ok(!wasOutOfMemory, `${container.name} lacked memory`)
}
for (const container of world.containers) {
  const { exitCode, seconds } = await container.stop()
  assert.equal(exitCode, 0, `${container.name} ended with ${exitCode}: ${await container.output()}`)
  say(`told to stop it ended with 0 after ${seconds.toFixed(1)} s of ${container.plan.graceSeconds}: ${container.name}`)
}
say('the system runs in containers as its manifests have it')

/** The same in two processes, with nothing going wrong. */
async function liveUndisturbed(): Promise<Outcome> {
  await using control = new RestartableNode(beside, 'control')
  await using member = new RestartableNode(beside, 'member')
  // Awaited before the nodes go.
  return await liveChronicle(beside, chronicle, [control, member], calm(rounds))
}

function imageOf(manifests: readonly Manifest[], workload: string): string {
  const found = planPod(manifests, workload)[workload]?.image
  assert.ok(found, `there is no ${workload}`)
  return found
}
