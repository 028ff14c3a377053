import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { ExportFormat, Reader, WeekState } from '@annals/reader'
import { Failure } from '../parts/notice.tsx'
import { offerFile } from './offer-file.ts'

const formats: readonly (readonly [ExportFormat, string])[] = [
  ['html', 'Page to print'],
  ['json', 'JSON'],
  ['ndjson', 'NDJSON'],
]

/** Saves a week as a file. */
export function WeekExports({ reader, week }: { readonly reader: Reader; readonly week: WeekState }): JSX.Element {
  const [error, setError] = useState<unknown>()
  const save = async (format: ExportFormat): Promise<void> => {
    setError(undefined)
    try {
      offerFile(await reader.exportWeek(week.id, format))
    } catch (failure) {
      setError(failure)
    }
  }
  return (
    <div class="buttons exports" role="group" aria-labelledby="save-week">
      <span id="save-week">Save this week:</span>
      {formats.map(([format, label]) => (
        <button key={format} type="button" onClick={() => void save(format)}>
          {label}
        </button>
      ))}
      {error !== undefined && <Failure error={error} />}
    </div>
  )
}
