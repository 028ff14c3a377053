import { InvalidBlobKeyError } from './errors.ts'

export function isBlobKey(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text)
}

/** @throws InvalidBlobKeyError */
export function checkBlobKey(text: string): void {
  if (!isBlobKey(text)) throw new InvalidBlobKeyError(text)
}
