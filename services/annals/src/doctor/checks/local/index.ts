import { clockFile } from './clock-file.ts'
import { dataFolder } from './data-folder.ts'
import { databases } from './databases.ts'
import { diskSpace } from './disk-space.ts'
import { folderLock } from './folder-lock.ts'
import { grpcAddress } from './grpc-address.ts'
import { masterKey } from './master-key.ts'
import { nodeVersion } from './node-version.ts'
import { settings } from './settings.ts'
import { torrentPort } from './torrent-port.ts'
import { trackers } from './trackers.ts'

/** What is on this machine. */
export const localChecks = [
  nodeVersion,
  settings,
  clockFile,
  dataFolder,
  diskSpace,
  folderLock,
  databases,
  masterKey,
  grpcAddress,
  torrentPort,
  trackers,
]
