// Asks a process whether it takes work, for the health check of a container without a shell:
// node deploy/check-health.ts http://127.0.0.1:8081/ready
const [address = ''] = process.argv.slice(2)
try {
  const { ok, status } = await fetch(address, { signal: AbortSignal.timeout(4_000) })
  if (!ok) throw new Error(`it answers ${status}`)
} catch (error) {
  process.stderr.write(`${address}: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
