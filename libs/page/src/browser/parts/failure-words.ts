/** What people read where a look as a stranger came to nothing. A newer node may know more ways. */
const words: Readonly<Record<string, string>> = {
  'no-peers': 'no peer answers',
  'no-metadata': 'peers do not give the torrent’s metadata',
  'bad-metadata': 'the torrent is not one of this community',
  'no-index': 'the index does not come',
  'no-data': 'the data do not come',
  'wrong-pieces': 'what comes is not what was sealed',
  'too-slow': 'it comes too slowly',
  unanswered: 'it does not answer',
  refused: 'it does not have it',
  wrong: 'what it gives is not what was sealed',
}

export function failureText(failure: string): string {
  return words[failure] ?? failure
}
