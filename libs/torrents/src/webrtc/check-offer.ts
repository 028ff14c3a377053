import { isIP } from 'node:net'

/** As RFC 8839 has it (5.1), word by word: the library takes other white space, and letters behind a number, for borders. */
const candidateForm = /^a=candidate:[!-~]+ \d{1,5} [A-Za-z]+ \d{1,10} ([0-9A-Fa-f.:]+) \d{1,5} typ [a-z]+( [ -~]*)?$/

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
    if (!/candidate:/i.test(line)) return true
    const address = candidateForm.exec(line)?.[1] ?? ''
    return isIP(address) !== 0 && candidates++ < maxCandidates
  })
  return kept.join('\r\n')
}
