export { askedExpressions } from './asked-expressions.ts'
export type { AskedExpression } from './asked-expressions.ts'
export { queryPrometheus, unanswered } from './query-prometheus.ts'
