import { findImage } from '../docker/find-image.ts'
import { runNatsContainer } from '../docker/run-nats-container.ts'
import { installNatsServer } from '../install/install-go-programs.ts'
import type { InstallOptions } from '../install/install-options.ts'
import type { Way } from '../find-program.ts'
import { programOnPath } from '../program-on-path.ts'
import { oldestUsable, versions } from '../versions.ts'
import { runNats } from './run-nats.ts'

/** The ways to a nats-server, in the order in which they are tried. */
export function waysToNats(further: string, options: InstallOptions): readonly Way[] {
  return [
    {
      name: 'a program on the PATH',
      async find() {
        const version = await programOnPath('nats-server', ['--version'], oldestUsable.natsServer)
        return {
          origin: `nats-server ${version} from the PATH`,
          launch: (launch) => runNats('nats-server', launch, further),
        }
      },
    },
    {
      name: `Docker with the image ${versions.natsImage}`,
      async find() {
        const docker = await findImage(versions.natsImage, options)
        return {
          origin: `nats-server from the Docker image ${versions.natsImage}`,
          launch: (launch) => runNatsContainer(docker, launch, further),
        }
      },
    },
    {
      name: 'the cache, filled by go install',
      async find() {
        const program = await installNatsServer(options)
        return {
          origin: `nats-server ${versions.natsServer} from the cache`,
          launch: (launch) => runNats(program, launch, further),
        }
      },
    },
  ]
}
