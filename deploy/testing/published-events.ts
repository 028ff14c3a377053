import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isEventName } from '@annals/events'
import type { EventName } from '@annals/events'
import { callsOf, namesIn, receiversOf, sourcesIn, type Source } from './service-sources.ts'

const community = join(import.meta.dirname, '..', '..', 'libs', 'community', 'src')

const commands = 'community/decide-community.ts'

/** Calls whose outcome is published: the domain decides which events that are. */
const deciders = [
  { callee: 'decideSchedule', file: 'schedule/decide-schedule.ts' },
  { callee: 'registry.execute', file: commands },
] as const

/** Calls that publish by themselves what the code of the folder names. */
const publishing = [{ callee: 'takeAnnouncement', folder: 'libs/service/src/announcements' }] as const

/** The code publishes in a way of which nobody can read off what. */
export class UnreadablePublicationError extends Error {
  override readonly name = 'UnreadablePublicationError'
  readonly path: string

  constructor(path: string, reason: string) {
    super(`${path} ${reason}: name the event where it is published, or say here where the names come from`)
    this.path = path
  }
}

/** The events that a service's code puts into the log. @throws UnreadablePublicationError */
export function publishedEvents(service: string): EventName[] {
  return sourcesIn(`services/${service}/src`)
    .flatMap(publishedIn)
    .filter((name) => isEventName(name))
}

function publishedIn(source: Source): string[] {
  for (const receiver of receiversOf('publish', source))
    if (!/(^|[.#])(bus|channel)$/.test(receiver))
      throw new UnreadablePublicationError(
        source.path,
        `publishes through "${receiver}", which is neither bus nor channel`,
      )
  if (callsOf('publishAll', source).length > 0)
    throw new UnreadablePublicationError(source.path, 'publishes what was decided elsewhere')
  const decided = deciders.flatMap(({ callee, file }) =>
    callsOf(callee, source).flatMap((call) => decidedBy(call, file)),
  )
  const named = callsOf('bus.publish', source).flatMap((call) => {
    const names = namesIn(call)
    if (names.length === 0 && decided.length === 0)
      throw new UnreadablePublicationError(source.path, 'publishes an event that it does not name')
    return names
  })
  const shared = publishing.flatMap(({ callee, folder }) =>
    callsOf(callee, source).length === 0
      ? []
      : sourcesIn(folder).flatMap((each) => callsOf('bus.publish', each).flatMap(namesIn)),
  )
  return [...named, ...decided, ...shared]
}

/** What follows from the command that the call names, else from any. */
function decidedBy(call: string, file: string): string[] {
  const text = readFileSync(join(community, file), 'utf8')
  const [, command] = /\btype: '(\w+)'/.exec(call) ?? []
  const after = command === undefined ? undefined : text.split(`case '${command}'`)[1]
  return namesIn(after?.split(/\bcase '/)[0] ?? text)
}
