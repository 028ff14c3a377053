import type { ComponentType, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Failure } from './notice.tsx'

type LazyProps<P> = P & {
  /** Brings the component; the same function each time. */
  readonly load: () => Promise<ComponentType<P>>
}

/** A part of the page that is loaded when it is shown for the first time. */
export function Lazy<P extends object>({ load, ...props }: LazyProps<P>): JSX.Element {
  const [loaded, setLoaded] = useState<{ readonly Part?: ComponentType<P>; readonly error?: unknown }>({})
  useEffect(() => {
    load().then(
      (Part) => setLoaded({ Part }),
      (error: unknown) => setLoaded({ error }),
    )
  }, [load])
  const { Part, error } = loaded
  if (error !== undefined) return <Failure error={error} retry={() => window.location.reload()} />
  // What is left of the properties is what the part wants: all of them but one.
  return Part === undefined ? <p class="quiet">Loading…</p> : <Part {...(props as unknown as P)} />
}
