import { findFolderHolder, NotADatabaseError, StorageIoError } from '@annals/sqlite'
import { defineCheck, problem } from '../../check.ts'

/** Who works on the data folder. */
export const folderLock = defineCheck({
  name: 'folder-lock',
  looksAt: 'whether a process works on the data folder',
  seconds: 5,
  kinds: {
    unreadable: problem(
      'the lock cannot be looked at',
      'see what the system says; with no node running, lock.db and lock.pid in the folder may be removed',
    ),
  },
  isWanted: (context) => context.usesFolder,
  async look({ config }, report) {
    try {
      const holder = findFolderHolder(config.dataFolder)
      if (holder === undefined) return 'no node works on it'
      return `a node works on it (process ${holder.pid ?? 'unknown'})`
    } catch (error) {
      if (!(error instanceof StorageIoError || error instanceof NotADatabaseError)) throw error
      report('unreadable', { found: error.message })
      return ''
    }
  },
})
