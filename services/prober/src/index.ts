export { prober } from './prober.ts'
