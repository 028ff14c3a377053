import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const program = join(import.meta.dirname, 'check-health.ts')

async function exitCode(address: string): Promise<unknown> {
  const child = execFile(process.execPath, [program, address])
  const [code] = await once(child, 'exit')
  return code
}

it('the health check of a container says by its exit code whether the process takes work', async () => {
  let address: string
  {
    await using server = createServer((request, response) =>
      response.writeHead(request.url === '/ready' ? 200 : 503).end(),
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect(await exitCode(`${address}/ready`)).toBe(0)
    expect(await exitCode(`${address}/draining`)).toBe(1)
  }
  expect(await exitCode(`${address}/ready`)).toBe(1)
})
