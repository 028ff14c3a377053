import { InvalidMessageError } from './errors.ts'
import type { WakuMessage } from './waku-message.ts'

/**
 * Checks what an archive needs of a message: a time in whole Unix seconds, a topic of 4 bytes, a hash of 32. Whoever
 * takes messages in from outside calls it, since one that fails it cannot be sealed.
 * @throws InvalidMessageError
 */
export function checkMessage(message: WakuMessage): void {
  if (!Number.isSafeInteger(message.timestamp) || message.timestamp < 0)
    throw new InvalidMessageError('timestamp', message.timestamp)
  if (message.topic.length !== 4) throw new InvalidMessageError('topic', message.topic.length)
  if (message.hash.length !== 32) throw new InvalidMessageError('hash', message.hash.length)
}
