export { startFakeNode } from './fake-node.ts'
export type { Answer, FakeNode } from './fake-node.ts'
export { memoryStore } from './memory-store.ts'
export type { MemoryStore } from './memory-store.ts'
