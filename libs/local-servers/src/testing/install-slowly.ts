import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { say } from '@annals/sqlite/testing'
import { installOnce } from '../install/install-once.ts'
import { runCommand } from '../processes/run-command.ts'

// Begins to install something and does not come to an end, until it is killed.
await installOnce(
  'thing-1',
  async (folder) => {
    await writeFile(join(folder, 'part'), 'unfinished')
    await runCommand('sh', ['-c', 'echo $$; exec sleep 100000'], { onLine: say })
  },
  {},
)
