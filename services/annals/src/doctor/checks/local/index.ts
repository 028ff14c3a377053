import { clockFile } from './clock-file.ts'
import { dataFolder } from './data-folder.ts'
import { databases } from './databases.ts'
import { diskSpace } from './disk-space.ts'
import { folderLock } from './folder-lock.ts'
import { grpcAddress } from './grpc-address.ts'
import { httpAddress } from './http-address.ts'
import { masterKey } from './master-key.ts'
import { nodeVersion } from './node-version.ts'
import { publicAddress } from './public-address.ts'
import { settings } from './settings.ts'
import { torrentPort } from './torrent-port.ts'
import { trackers } from './trackers.ts'
import { udpTracker } from './udp-tracker.ts'

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
  httpAddress,
  publicAddress,
  udpTracker,
  torrentPort,
  trackers,
]
