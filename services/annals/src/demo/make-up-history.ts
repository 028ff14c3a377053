import type { ImportRecord } from '@annals/imports'

const channels = ['general', 'help', 'announcements']
const people = ['ada', 'grace', 'linus', 'margaret', 'dennis', 'barbara']
const openings = [
  'Has anyone tried',
  'I finally understand',
  'Can somebody explain',
  'Here is a patch for',
  'Thanks for',
]
const subjects = [
  'the new wallet',
  'the light client',
  'the store protocol',
  'the release notes',
  'the keycard',
  'the bridge',
]
const closings = ['?', ' – it works on my machine 🎉', ', see the notes of last week.', ' and it is fast.', ', again!']

/**
 * A made-up history for who has no export at hand: the same one for the same arguments, spread unevenly over the time
 * as conversations are, one week of it silent.
 * @param from Unix seconds of the first message
 */
export function makeUpHistory(from: number, weeks: number, messagesPerWeek: number): ImportRecord[] {
  const random = xorshift(from % 0x7fff_ffff || 1)
  const weekSeconds = 604_800
  const records: ImportRecord[] = []
  for (let week = 0; week < weeks; week += 1) {
    if (week === 4) continue
    const count = Math.round(messagesPerWeek * (0.5 + random()))
    const times = Array.from({ length: count }, () => Math.floor(weekSeconds * random() * random()))
    if (week === 0) times[0] = 0
    for (const time of times.sort((a, b) => a - b))
      records.push(record(records.length, from + week * weekSeconds + time, random))
  }
  return records
}

function record(position: number, timestamp: number, random: () => number): ImportRecord {
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? ''
  const channel = pick(channels)
  const author = pick(people)
  return {
    sourceId: `made-up-${position}`,
    channelId: channel,
    channelName: channel,
    authorId: author,
    authorName: author,
    authorNickname: '',
    authorAvatarUrl: '',
    timestamp,
    text: `${pick(openings)} ${pick(subjects)}${pick(closings)}`,
    type: 'Default',
    replyTo: '',
    attachments: [],
  }
}

/** Marsaglia's 32-bit xorshift as numbers in [0, 1). */
function xorshift(seed: number): () => number {
  let x = seed
  return () => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return (x >>> 0) / 2 ** 32
  }
}
