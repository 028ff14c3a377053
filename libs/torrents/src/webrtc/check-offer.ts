import { isIP } from 'node:net'

const maxLength = 16 * 1024
const maxCandidates = 32

/**
 * A stranger's offer, with nothing in it but a data channel and addresses in numbers: a name would be looked up for
 * whoever asks, and browsers' own names (mDNS) say nothing here. A browser reaches us by the addresses that we answer.
 * @returns nothing where it is not such an offer
 */
export function checkOffer(sdp: unknown): string | undefined {
  if (typeof sdp !== 'string' || sdp.length > maxLength) return undefined
  const lines = sdp.split(/\r?\n/)
  const media = lines.filter((line) => line.startsWith('m='))
  if (media.length !== 1 || !media[0]?.startsWith('m=application ')) return undefined
  let candidates = 0
  const kept = lines.filter((line) => {
    if (!line.startsWith('a=candidate:')) return true
    const address = line.split(' ')[4] ?? ''
    return isIP(address) !== 0 && candidates++ < maxCandidates
  })
  return kept.join('\r\n')
}
