export { archiver } from './archiver.ts'
