import { tracker } from '../tracker/tracker.ts'
import { webSeed } from '../web-seed/web-seed.ts'
import type { HttpPart } from './http-part.ts'

/** What is served beside the API. */
export const httpParts: readonly HttpPart[] = [webSeed, tracker]
