import { say } from '@annals/sqlite/testing'
import { openFolderChannel } from '../open-folder-channel.ts'

// Publishes numbered messages under a name and says those that were taken, until it is killed or has done all.
const [folder = '', name = '', first = '0', last = 'Infinity'] = process.argv.slice(2)
await using channel = await openFolderChannel({ folder })
for (let number = Number(first); number < Number(last); number++) {
  await channel.publish('chat', new TextEncoder().encode(`${name} ${number}`))
  say(`${name} ${number}`)
}
