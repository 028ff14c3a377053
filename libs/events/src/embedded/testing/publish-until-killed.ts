import { say } from '@annals/sqlite/testing'
import { openEmbeddedBus } from '../open-embedded-bus.ts'
import { community, consumer, due, unseeded } from '../../testing/event-bus-harness.ts'

// Publishes weeks from a number on and says those that are acknowledged, while a consumer makes an effect of each:
// another event. Goes on until it is killed.
const [path = '', firstWeek = '0'] = process.argv.slice(2)
const bus = await openEmbeddedBus({ path })

await bus.consume(consumer('effects', ['ArchiveDue']), async (event, { attempt }) => {
  // Every seventh fails at first, so that a kill also meets events that wait.
  if (attempt === 1 && (event.payload.from / 604_800) % 7 === 0) throw new Error('fails at first')
  await bus.publish(unseeded(event.communityId, event.id))
})

for (let week = Number(firstWeek); ; week += 5) {
  const weeks = [0, 1, 2, 3, 4].map((offset) => week + offset)
  await Promise.all(
    weeks.map(async (week) => {
      await bus.publish(due(community(week % 3), week))
      say(String(week))
    }),
  )
}
