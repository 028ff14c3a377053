/**
 * Why control of a community cannot be taken.
 * - `download-under-way`: something that was announced is still being fetched
 * - `index-waits`: the index of what was fetched cannot be read without a key that is not here
 * - `not-continuable`: bytes of what was fetched are in no archive that can be used, so that nothing can be appended
 * - `not-as-moved`: what is here is not what the host before announced last
 * - `announced-elsewhere`: somebody announced, signed by the community, after this installation did
 */
export type ControlRefusal =
  | 'download-under-way'
  | 'index-waits'
  | 'not-continuable'
  | 'not-as-moved'
  | 'announced-elsewhere'

const advice: Readonly<Record<ControlRefusal, string>> = {
  'download-under-way': 'what was announced is still being fetched: try again when it is here (annals status)',
  'index-waits': 'its index waits for a key: import the group keys first',
  'not-continuable': 'the fetched torrent has bytes of no usable archive, so that nothing can be appended to it',
  'not-as-moved': 'what is here is not what the host before announced last: let it be fetched first',
  'announced-elsewhere':
    'another host has announced it since: control is there. Where that was this installation itself, before it was ' +
    'restored from a backup, say so',
}

/** Control of a community cannot be taken as things are. Nothing was changed. */
export class ControlRefusedError extends Error {
  override readonly name = 'ControlRefusedError'
  readonly communityId: string
  readonly refusal: ControlRefusal

  constructor(communityId: string, refusal: ControlRefusal) {
    super(`control of community ${communityId} cannot be taken: ${advice[refusal]}`)
    this.communityId = communityId
    this.refusal = refusal
  }
}
