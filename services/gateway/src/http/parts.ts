import { pagePart } from '../page/page-part.ts'
import type { HttpPart } from './http-part.ts'

/** What is served beside the API. */
export const httpParts: readonly HttpPart[] = [pagePart]
