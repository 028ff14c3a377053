export { magnetDispatcher } from './magnet-dispatcher.ts'
