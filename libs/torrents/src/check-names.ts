import { UnsafeNameError } from './errors.ts'

const communityIdForm = /^0x[0-9a-f]{66}$/
const infoHashForm = /^[0-9a-f]{40}$/

/** Only a text that passes becomes a folder's name. @throws UnsafeNameError */
export function checkCommunityId(text: string): void {
  if (!communityIdForm.test(text)) throw new UnsafeNameError('community id', text)
}

/** Only a text that passes becomes part of a file's name. @throws UnsafeNameError */
export function checkInfoHash(text: string): void {
  if (!infoHashForm.test(text)) throw new UnsafeNameError('info hash', text)
}

export function isInfoHash(text: string): boolean {
  return infoHashForm.test(text)
}
