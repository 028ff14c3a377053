import type { Logger } from 'pino'
import type { AnnalsConfig } from '../config.ts'
import type { EngineNeeds, Engines } from './engines.ts'
import { openEmbeddedEngines } from './open-embedded-engines.ts'

/**
 * The engines that the settings name: NATS and MongoDB where they are given, the embedded set otherwise. What is opened
 * is moved onto `stack`, which closes it in reverse order. What the engines cannot tell a caller they tell the log.
 * @throws FolderInUseError if another process works on the data folder; what an engine throws that cannot be opened
 */
export async function openEngines(
  config: AnnalsConfig,
  log: Logger,
  stack: AsyncDisposableStack,
  needs: EngineNeeds,
): Promise<Engines> {
  if (config.natsUrl === '') return openEmbeddedEngines(config, log, stack, needs)
  // Loading the drivers takes longer than the rest of a start.
  const { openClusterEngines } = await import('./open-cluster-engines.ts')
  return openClusterEngines(config, log, stack, needs)
}
