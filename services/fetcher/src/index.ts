export { fetcher } from './fetcher.ts'
