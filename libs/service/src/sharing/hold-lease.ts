import { RetryLaterError } from '@annals/events'
import { VersionConflictError, leases } from '@annals/storage'
import type { ServiceContext } from '../service.ts'

/** Before a lease that somebody holds is looked at again. */
const waitSeconds = 1

/**
 * Does work that no other process is to do at the same time. What makes the work's outcome right is its write with an
 * expected version; the lease only sees to it that it is not done twice for nothing, so clocks may differ. Its signal
 * aborts when the lease is lost, as when this process stood still for long.
 * @throws RetryLaterError where another process holds the lease
 */
export async function holdLease<T>(
  context: ServiceContext,
  id: string,
  work: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  // Within a process the bus hands out a community's events one after the other.
  if (!context.shared) return work(signal)
  const rows = context.state.collection(leases)
  const milliseconds = context.config.takeOverSeconds * 1000
  const next = () => ({ holder: context.instance, untilMilliseconds: Date.now() + milliseconds })
  const before = await rows.get(id)
  if (before !== undefined && before.value.holder !== context.instance && before.value.untilMilliseconds > Date.now())
    throw new RetryLaterError(waitSeconds, `${before.value.holder} is at it`)
  let version: number
  try {
    ;({ version } = await rows.put(id, next(), before?.version ?? 0))
  } catch (error) {
    if (error instanceof VersionConflictError) throw new RetryLaterError(waitSeconds, 'another process was quicker')
    throw error
  }
  const lost = new AbortController()
  let renewal = Promise.resolve()
  const renew = async (): Promise<void> => {
    try {
      ;({ version } = await rows.put(id, next(), version))
    } catch (error) {
      if (error instanceof VersionConflictError) lost.abort(new LeaseLostError(id))
      else context.log.debug({ err: error, lease: id }, 'a lease could not be renewed; trying again')
    }
  }
  const timer = setInterval(() => {
    renewal = renewal.then(renew)
  }, milliseconds / 3)
  try {
    return await work(AbortSignal.any([signal, lost.signal]))
  } finally {
    clearInterval(timer)
    await renewal
    // Otherwise it runs out.
    await rows.delete(id, version).catch((error: unknown) => {
      context.log.debug({ err: error, lease: id }, 'a lease could not be given back')
    })
  }
}

/** Another process took the lease over, since this one did not renew it in time. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError'
  readonly lease: string

  constructor(lease: string) {
    super(`the lease ${lease} was not renewed in time, and another process has it now`)
    this.lease = lease
  }
}
