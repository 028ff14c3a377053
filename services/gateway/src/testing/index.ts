export { startTestGateway } from './test-gateway.ts'
export type { TestGateway, TestOptions } from './test-gateway.ts'
