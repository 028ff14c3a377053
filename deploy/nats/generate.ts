// Writes annals.conf anew from the table in needs.ts, or, with --check, only says whether that would change anything.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatAccount } from './format-account.ts'
import { installation } from './installation.ts'
import { passwordVariable } from './password-variable.ts'

const file = join(import.meta.dirname, 'annals.conf')

const text = `# The account of Annals on a nats-server: one user a service, with no more permissions than it needs.
# Written by "node deploy/nats/generate.ts" out of deploy/needs.ts; do not edit. How to use it: docs/nats-accounts.md.
#
#   accounts {
#     include "annals.conf"
#   }
#
# The passwords come from the server's environment.
${formatAccount({
  installations: [installation('annals')],
  passwordOf: (party) => `$${passwordVariable(party)}`,
})}`

if (!process.argv.includes('--check')) writeFileSync(file, text)
else if (readFileSync(file, 'utf8') !== text) {
  process.stderr.write('deploy/nats/annals.conf is not what deploy/needs.ts says: run "node deploy/nats/generate.ts"\n')
  process.exitCode = 1
}
