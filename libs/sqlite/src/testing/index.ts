export { killAfter, say, spawnScript } from './child-process.ts'
export type { ScriptRun } from './child-process.ts'
