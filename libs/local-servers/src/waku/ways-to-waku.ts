import { findImage } from '../docker/find-image.ts'
import { runContainer } from '../docker/run-container.ts'
import { WayClosedError } from '../errors.ts'
import type { Way } from '../find-program.ts'
import { installWakuNode } from '../install/install-waku-node.ts'
import type { InstallOptions } from '../install/install-options.ts'
import { askProgram } from '../processes/run-command.ts'
import { versions } from '../versions.ts'
import { runWaku } from './run-waku.ts'
import { nwakuArguments, wakuNodeArguments } from './waku-plan.ts'
import type { WakuPlan } from './waku-plan.ts'

const folderInside = '/data'

/** The ways to a Waku node, in the order in which they are tried. */
export function waysToWaku(plan: WakuPlan, options: InstallOptions): readonly Way[] {
  return [
    {
      name: 'a program on the PATH',
      async find() {
        const said = await askProgram('wakunode2', '--version')
        if (said === undefined) throw new WayClosedError('wakunode2 is not on the PATH', 'Install nwaku 0.35 or newer')
        return {
          origin: `wakunode2 ${said.trim().slice(0, 40)} from the PATH`,
          launch: (launch) => runWaku('wakunode2', nwakuArguments(plan, launch.folder, launch.port), launch),
        }
      },
    },
    {
      name: `Docker with the image ${versions.nwakuImage}`,
      async find() {
        const docker = await findImage(versions.nwakuImage, options)
        return {
          origin: `nwaku from the Docker image ${versions.nwakuImage}`,
          launch: (launch) => {
            const mount = { source: launch.folder, target: folderInside }
            const command = nwakuArguments(plan, folderInside, launch.port)
            // On the host's network: nodes dial each other, and the proxies before them, on loopback.
            const container = { image: versions.nwakuImage, command, portInside: launch.port, mount, network: 'host' }
            return runContainer(docker, container, launch)
          },
        }
      },
    },
    {
      name: 'the cache, filled by go build',
      async find() {
        const program = await installWakuNode(options)
        return {
          origin: `this package's Waku node on go-waku ${versions.goWaku} from the cache`,
          launch: (launch) => runWaku(program, wakuNodeArguments(plan, launch.folder, launch.port), launch),
        }
      },
    },
  ]
}
