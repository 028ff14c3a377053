import type { Export } from '@annals/reader'

/** Hands a file to the person as a download. */
export function offerFile({ fileName, blob }: Export): void {
  const url = URL.createObjectURL(blob)
  const anchor = document.createElement('a')
  anchor.href = url
  anchor.download = fileName
  anchor.click()
  // The browser has taken it up by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
