import type { StartOptions } from '../local-server.ts'

/** What matters to an installation that a start may lead to. */
export type InstallOptions = Pick<StartOptions, 'signal' | 'onProgress'>
