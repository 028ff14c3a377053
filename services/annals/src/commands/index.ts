import type { Register } from '../cli.ts'
import { registerArchives } from './archives.ts'
import { registerBackup, registerRestore } from './backup.ts'
import { registerCluster } from './cluster.ts'
import { registerCommunity } from './community.ts'
import { registerDeadLetters } from './dead-letters.ts'
import { registerDemo } from './demo.ts'
import { registerDoctor } from './doctor.ts'
import { registerEvents } from './events.ts'
import { registerFetch } from './fetch.ts'
import { registerGroupKeys } from './group-keys.ts'
import { registerImport } from './import.ts'
import { registerKeys } from './keys.ts'
import { registerReplay } from './replay.ts'
import { registerRun } from './run.ts'
import { registerSeed } from './seed.ts'
import { registerSigner } from './signer.ts'
import { registerStatus } from './status.ts'
import { registerTokens } from './tokens.ts'
import { registerUp } from './up.ts'
import { registerVerify } from './verify.ts'

/** Every command, in the order of the help. */
export const commands: readonly Register[] = [
  registerDemo,
  registerUp,
  registerRun,
  registerCluster,
  registerCommunity,
  registerKeys,
  registerGroupKeys,
  registerTokens,
  registerSigner,
  registerImport,
  registerStatus,
  registerArchives,
  registerVerify,
  registerFetch,
  registerSeed,
  registerEvents,
  registerDeadLetters,
  registerReplay,
  registerBackup,
  registerRestore,
  registerDoctor,
]
