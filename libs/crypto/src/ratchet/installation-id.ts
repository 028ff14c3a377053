import { readFields } from '../wire-messages.ts'
import { InvalidMessageBytesError } from '../errors.ts'
import { InvalidInstallationIdError } from './errors.ts'

const utf8 = new TextEncoder()

/**
 * A random id for a control node: a UUID that status-go reads rightly in an encrypted archive. About one in 1,500
 * UUIDs is valid protobuf as a text, and then status-go takes each archive for a plain and empty one (formats §4).
 */
export function createInstallationId(): string {
  for (;;) {
    const id = crypto.randomUUID()
    if (!isMisread(id)) return id
  }
}

/** @throws InvalidInstallationIdError */
export function checkInstallationId(installationId: string): void {
  if (installationId === '') throw new InvalidInstallationIdError(installationId, 'it is empty')
  if (isMisread(installationId))
    throw new InvalidInstallationIdError(
      installationId,
      'its text is valid protobuf, so that status-go would take archives for plain and empty ones',
    )
}

/** An archive has its metadata where a ProtocolMessage has the installation id, so this is what must not parse. */
function isMisread(installationId: string): boolean {
  try {
    readFields('WakuMessageArchiveMetadata', utf8.encode(installationId), () => false)
    return true
  } catch (error) {
    if (error instanceof InvalidMessageBytesError) return false
    throw error
  }
}
