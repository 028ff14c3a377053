import { CommandFailedError, WayClosedError } from '../errors.ts'

/** Does what runs programs; where one fails, this way to a server is closed. @throws WayClosedError with this advice */
export async function closeWayOnFailure<T>(advice: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof CommandFailedError)) throw error
    throw new WayClosedError(error.message, advice, error)
  }
}
