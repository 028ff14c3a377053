import { expect, it } from 'vitest'
import type { ChatMessage } from '../chat/chat-message.ts'
import { RunningTally } from '../chat/tally.ts'
import type { ExportedWeek, ExportFormat } from './export-week.ts'
import { exportWeek } from './export-week.ts'

/** Ends whatever it stands in, begins what runs or loads, turns the direction, and breaks lines as programs do. */
const hostile = `"'></p></title></style><script src=//x>alert(1)</script><img src=x onerror=alert(1)>\u202e\u2028\r\n\0\ud800{"a":1}`

const message: ChatMessage = {
  id: hostile,
  channelId: hostile,
  timeMilliseconds: 8_640_000_000_000_000,
  senderId: hostile,
  senderName: hostile,
  origin: 'imported',
  kind: 'other',
  text: hostile,
  replyTo: hostile,
  editedMilliseconds: 0,
  deleted: false,
  attachments: [{ fileName: hostile, sizeBytes: 1, url: 'javascript:alert(1)' }],
}

const week: ExportedWeek = {
  communityId: `0x02${'ab'.repeat(32)}`,
  communityName: hostile,
  infoHash: 'cd'.repeat(20),
  signature: { kind: 'signed', communityId: hostile, clockMilliseconds: 1e300, magnetLink: hostile },
  from: 0,
  to: 8_640_000_000_000,
  tally: new RunningTally(),
  channelNames: new Map([[hostile, hostile]]),
  messages: [message],
}

async function textOf(format: ExportFormat): Promise<string> {
  return (await exportWeek(week, format)).blob.text()
}

it('is a page in which nothing of any text is markup, and which may load and run nothing', async () => {
  const page = await textOf('html')
  const tags = [...page.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, tag]) => tag)
  const known = ['html', 'meta', 'title', 'style', 'main', 'h1', 'header', 'p', 'article', 'b', 'small', 'bdi', 'i']
  expect(tags.filter((tag) => !known.includes(tag ?? ''))).toEqual([])
  // What stands in quotes stays there: no text has a quote of its own.
  expect(page.replaceAll(/"[^"]*"/g, '""')).not.toMatch(/<[^>]* (on\w+|src|href)=/)
  expect(page).toContain(`content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;"`)
})

it('is JSON, and a message a line, whatever the texts say', async () => {
  const document = JSON.parse(await textOf('json')) as { messages: object[]; communityName: string }
  const lines = (await textOf('ndjson')).trimEnd().split('\n')
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0] ?? '')).toEqual(document.messages[0])
  expect(document).toMatchObject({ communityName: hostile, messages: [{ text: hostile, senderName: hostile }] })
})

it('has a name that is of no other folder or kind', async () => {
  for (const format of ['html', 'json', 'ndjson'] as const)
    expect((await exportWeek(week, format)).fileName).toMatch(new RegExp(`^0x[0-9a-f]{10}-[0-9-]+\\.${format}$`))
})
