import type { UsedOver } from './watch-usage.ts'

const mebibyte = 1024 ** 2

/** Lines of what containers used at rest and at most at work, beside what their manifests ask for and allow. */
export function usageTable(atRest: readonly UsedOver[], atWork: readonly UsedOver[]): string[] {
  const rows = atRest.map((rest) => {
    const { name, plan } = rest.container
    const work = atWork.find(({ container }) => container === rest.container)
    return [
      name,
      mebibytes(rest.memoryBytes),
      mebibytes(work?.memoryBytes),
      mebibytes(plan.requests.memoryBytes),
      mebibytes(plan.limits.memoryBytes),
      rest.millicores.toFixed(0),
      work?.millicores.toFixed(0) ?? '-',
      String(plan.requests.millicores ?? '-'),
    ]
  })
  const head = [
    'container',
    'MiB at rest',
    'at most',
    'requested',
    'limit',
    'millicores at rest',
    'at work',
    'requested',
  ]
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(28) : cell.padStart(12)))
      .join('  ')
      .trimEnd(),
  )
}

function mebibytes(bytes: number | undefined): string {
  return bytes === undefined ? '-' : (bytes / mebibyte).toFixed(0)
}
