import { encodeIndex } from '@annals/archive'
import { keccak256 } from '@annals/crypto'
import type { MadeCommunity } from '@annals/reader/testing'
import { chatMessage, firstWeek, importedMessage, makeCommunity, sealWeek, weekSeconds } from '@annals/reader/testing'

type Message = ReturnType<typeof chatMessage>

/** What everybody has who is put in front of a stranger's text: nothing of it may run, load, or hide what stands beside it. */
export const hostileTexts = {
  markup: `<img src=x onerror="window.hostile=1"><script>window.hostile=2</script><a href="javascript:window.hostile=3">`,
  bidi: '\u202Egnp.exe\u2066\u2067 turned \u061C around',
  invisible: '\u200B\u200C\u200D\u2060\uFEFF',
  piled: `pile${'\u0301'.repeat(3_000)}`,
  long: 'x'.repeat(900_000),
  words: 'a plain message after all of these',
} as const

/** The last second that a date can say. */
const lastSecond = 8_640_000_000_000
/** Archives themselves go to any second. */
const farSeconds = 2 ** 45

const at = (second: number): number => firstWeek + second

/** A week of messages as only somebody with bad intentions writes them. */
export async function makeHostile(): Promise<MadeCommunity> {
  const messages: Message[] = [
    ...Object.values(hostileTexts).map((text, number) => chatMessage({ timestamp: at(number), text })),
    ...[hostileTexts.markup, hostileTexts.bidi, hostileTexts.invisible, hostileTexts.piled, 'n'.repeat(50_000)].map(
      (by, number) => chatMessage({ timestamp: at(100 + number), text: `name ${number}`, by }),
    ),
    chatMessage({ timestamp: at(200), text: 'in a channel of a stranger', channelId: `<b>${'c'.repeat(9_000)}` }),
    importedMessage({
      timestamp: at(300),
      text: 'with attachments',
      attachments: Array.from({ length: 300 }, (_, number) => ({
        ...attachment,
        id: String(number),
        url: `javascript:window.hostile=${number}`,
      })),
    }),
    chatMessage({ timestamp: 0, text: 'written at the beginning of time' }),
    chatMessage({ timestamp: lastSecond, text: 'written at its end' }),
    chatMessage({ timestamp: lastSecond + 1, text: 'written after it' }),
    tooLarge(at(400)),
  ]
  return makeCommunity([{ ...(await sealWeek(messages, 0, farSeconds)), from: firstWeek, to: firstWeek + weekSeconds }])
}

const attachment = { fileName: `${'f'.repeat(500)}.html`, fileSizeBytes: 2 ** 50 }

/** More than a message may be. */
function tooLarge(timestamp: number): Message {
  const message = chatMessage({ timestamp, text: 'too large' })
  return { ...message, payload: new Uint8Array(2 ** 21) }
}

/** A week of thousands of messages, the same but for their number. */
export async function makeBusy(count: number): Promise<MadeCommunity> {
  const one = chatMessage({ timestamp: firstWeek, text: 'message 00000 of thousands' })
  const place = Buffer.from(one.payload).indexOf('00000')
  const messages = Array.from({ length: count }, (_, number): Message => {
    // Its signature is no longer right, which nobody looks at who reads an archive.
    const payload = Uint8Array.from(one.payload)
    payload.set(Buffer.from(String(number).padStart(5, '0')), place)
    const timestamp = firstWeek + Math.floor((number * weekSeconds) / count)
    return { ...one, timestamp, payload, hash: keccak256(payload) }
  })
  return makeCommunity([await sealWeek(messages)])
}

/** A plain week, in a torrent whose index says more than there is. */
export async function makeLying(): Promise<MadeCommunity> {
  const plain = await sealWeek([chatMessage({ timestamp: firstWeek, text: hostileTexts.words })])
  return makeCommunity([plain], (entries) => {
    const [entry] = entries
    if (entry === undefined) throw new TypeError('the week has no archive')
    const outside = { ...entry, offsetBytes: 2 ** 50, from: 1, to: 2 }
    const huge = { ...entry, sizeBytes: 2 ** 40, from: 2, to: 3 }
    const late = { ...entry, from: 3, to: 2 ** 53 - 1 }
    const over = { ...entry, from: 4, to: 5 }
    return encodeIndex([...entries, outside, huge, late, over])
  })
}

/** Weeks that anybody could have written. */
export async function makePlain(weeks: number): Promise<MadeCommunity> {
  const sealed = Array.from({ length: weeks }, (_, week) => {
    const from = firstWeek + week * weekSeconds
    const texts = [`week ${week} begins`, `somebody asks about the harbour ${week}`, `week ${week} ends`]
    return sealWeek(
      texts.map((text, number) => chatMessage({ timestamp: from + number * 86_400, text })),
      from,
    )
  })
  return makeCommunity(await Promise.all(sealed))
}
