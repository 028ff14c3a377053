// Runs programs one after the other on one Docker engine, so that each finds what those before it built:
// node deploy/image/with-engine.ts PROGRAM…
// Ends with the exit code of the first that fails.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { DockerEngine } from './docker-engine.ts'

await using engine = await DockerEngine.open((line) => process.stdout.write(`${line}\n`))
const env = { ...process.env, ...(engine.address !== undefined && { DOCKER_HOST: engine.address }) }
for (const program of process.argv.slice(2)) {
  process.stdout.write(`${program}\n`)
  const [code] = (await once(spawn(process.execPath, [program], { env, stdio: 'inherit' }), 'exit')) as [number | null]
  process.exitCode = code ?? 1
  if (code !== 0) break
}
