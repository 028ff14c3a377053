export { collector } from './collector.ts'
