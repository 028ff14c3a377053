export { memoryStore } from './memory-store.ts'
export type { MemoryStore } from './memory-store.ts'
