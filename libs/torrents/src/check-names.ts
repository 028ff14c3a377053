import { isCommunityIdText } from '@annals/archive'
import { UnsafeNameError } from './errors.ts'

/** Only a text that passes becomes a folder's name. @throws UnsafeNameError */
export function checkCommunityId(text: string): void {
  if (!isCommunityIdText(text)) throw new UnsafeNameError('community id', text)
}

/** Only a text that passes becomes part of a file's name. @throws UnsafeNameError */
export function checkInfoHash(text: string): void {
  if (!isInfoHash(text)) throw new UnsafeNameError('info hash', text)
}

export function isInfoHash(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text)
}
