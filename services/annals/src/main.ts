import { enableCompileCache, flushCompileCache } from 'node:module'
import { join } from 'node:path'

// Half of the time that a start takes is compiling. The folder is the program's own: one that others can write to, such
// as the system's for temporary files, could hand foreign code to this process. Where it cannot be written, nothing is kept.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/compile'))
const { runMain } = await import('./run-main.ts')
// Now, as a process that is killed would not.
flushCompileCache()
await runMain()
