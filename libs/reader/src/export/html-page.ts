import type { ChatMessage } from '../chat/chat-message.ts'
import type { ExportedWeek } from './export-week.ts'

/**
 * Text as HTML, in content and in attributes. What turns the direction of text, or the like, is shown as it is: each text
 * stands in an element of its own, with its own direction.
 */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** Nothing in the page loads or runs anything, whatever its texts say: the policy says it once more. */
const policy = "default-src 'none'; style-src 'unsafe-inline'"

/** Whatever is as long as it likes is broken: nothing is cut off on paper. Marks piled upon a letter do not hide others. */
const style = `body{font:16px/1.4 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere;color:#000;background:#fff}
article{margin:0 0 .8rem;break-inside:avoid;overflow:clip}p{margin:.1rem 0;white-space:pre-wrap}
header,small{color:#555}@media print{body{max-width:none;margin:0;padding:0}}`

/** The page's beginning: what it is and who vouches for it. */
export function htmlHead(week: ExportedWeek): string {
  const { communityId, communityName, infoHash, signature, from, to, tally } = week
  const title = escapeHtml(`${communityName || communityId}, ${dayOf(from)} to ${dayOf(to)}`)
  const vouches =
    signature.kind === 'signed'
      ? `Announced and signed by the community on ${timeOf(signature.clockMilliseconds)}.`
      : 'Not signed: whoever gave the link vouches for it.'
  let unreadable = 0
  for (const count of tally.unreadable.values()) unreadable += count
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${style}</style>
<main>
<h1 dir="auto">${title}</h1>
<header><p>Community ${escapeHtml(communityId)}<p>Torrent ${escapeHtml(infoHash)}. ${escapeHtml(vouches)}
<p>${tally.chat} messages${unreadable === 0 ? '' : `; ${unreadable} more cannot be read`}. Times are UTC.</header>
`
}

export function htmlMessage(message: ChatMessage, channelNames: ReadonlyMap<string, string>): string {
  const { id, channelId, timeMilliseconds, senderId, senderName, text, replyTo, editedMilliseconds } = message
  const channel = channelNames.get(channelId) || channelId
  const notes = [
    ...(message.origin === 'imported' ? ['imported'] : []),
    ...(replyTo === '' ? [] : [`answers ${replyTo}`]),
    ...(editedMilliseconds === undefined ? [] : [`edited ${timeOf(editedMilliseconds)}`]),
    ...(message.kind === 'text' ? [] : [message.kind]),
    ...message.attachments.map(({ fileName }) => `attached: ${fileName}`),
  ]
  const body = message.deleted ? '<p><i>deleted</i>' : `<p dir="auto">${escapeHtml(text)}`
  return `<article id="${escapeHtml(id)}"><b dir="auto">${escapeHtml(senderName || senderId)}</b> <small><bdi>#${escapeHtml(channel)}</bdi> ${timeOf(timeMilliseconds)} <bdi>${escapeHtml(notes.join(', '))}</bdi></small>
${body}</article>
`
}

export function htmlFoot(): string {
  return '</main>\n</html>\n'
}

function timeOf(milliseconds: number): string {
  const date = new Date(milliseconds)
  return Number.isNaN(date.getTime()) ? 'an unknown time' : date.toISOString().replace('T', ' ').slice(0, -5)
}

function dayOf(seconds: number): string {
  return timeOf(seconds * 1000).split(' ')[0] ?? ''
}
