import type { StatsFs } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { bytesText } from '../../../output/format.ts'
import { defineCheck, NotCheckedError, problem, warning } from '../../check.ts'

const leastBytes = 1024 ** 3
const leastShare = 0.05
const fullBytes = 64 * 1024 ** 2

/** Space on the disk of the data folder. */
export const diskSpace = defineCheck({
  name: 'disk-space',
  looksAt: 'free space on the disk of the data folder',
  seconds: 10,
  kinds: {
    low: warning('less than 1 GiB or 5 % is free', 'free space, or move the data folder to a larger disk'),
    full: problem('less than 64 MiB is free', 'free space now: what cannot be written is not acknowledged, and waits'),
  },
  isWanted: (context) => context.usesFolder,
  async look({ config }, report) {
    const { bavail, blocks, bsize } = await statfsOf(resolve(config.dataFolder))
    const freeBytes = bavail * bsize
    const totalBytes = blocks * bsize
    const found = `${bytesText(freeBytes)} free of ${bytesText(totalBytes)}`
    const shortage = findShortage(freeBytes, totalBytes)
    if (shortage !== undefined) report(shortage, { found, expected: '1 GiB and 5 % or more' })
    return found
  },
})

/** Which finding an amount of free space is. */
export function findShortage(freeBytes: number, totalBytes: number): 'low' | 'full' | undefined {
  if (freeBytes < fullBytes) return 'full'
  return freeBytes < leastBytes || freeBytes < totalBytes * leastShare ? 'low' : undefined
}

/** Of the folder, or of the first one above it that is there. */
async function statfsOf(path: string): Promise<StatsFs> {
  try {
    return await statfs(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && dirname(path) !== path) return statfsOf(dirname(path))
    throw new NotCheckedError((error as Error).message, { cause: error })
  }
}
