// Writes annals.conf anew from the table in needs.ts; with --check it only says whether that would change anything. With
// the names of an installation that is not the usual one it prints the account for that.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { formatAccount } from './format-account.ts'
import { installation, type Installation } from './installation.ts'
import { passwordVariable } from './password-variable.ts'

const file = join(import.meta.dirname, 'annals.conf')

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    namespace: { type: 'string' },
    channel: { type: 'string' },
    instances: { type: 'string' },
  },
})
const { check, namespace, channel, instances } = values

if (namespace !== undefined || channel !== undefined || instances !== undefined) {
  const given = { ...(channel && { channel }), ...(instances && { instances: Number(instances) }) }
  process.stdout.write(textOf(installation(namespace ?? 'annals', given)))
} else if (!check) writeFileSync(file, textOf(installation('annals')))
else if (readFileSync(file, 'utf8') !== textOf(installation('annals'))) {
  process.stderr.write('deploy/nats/annals.conf is not what deploy/needs.ts says: run "node deploy/nats/generate.ts"\n')
  process.exitCode = 1
}

function textOf(installation: Installation): string {
  return `# The account of Annals on a nats-server: one user a service, with no more permissions than it needs.
# Written by "node deploy/nats/generate.ts" out of deploy/needs.ts; do not edit. How to use it: docs/nats-accounts.md.
#
#   accounts {
#     include "annals.conf"
#   }
#
# The passwords come from the server's environment.
${formatAccount({ installations: [installation], passwordOf: (party) => `$${passwordVariable(party)}` })}`
}
