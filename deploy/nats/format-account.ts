import { parties, type Party } from '../needs.ts'
import { userName, type Installation } from './installation.ts'
import { natsPermissions } from './permissions.ts'

export interface AccountText {
  readonly installations: readonly Installation[]
  /** As it is to stand in the configuration: a reference to a variable, or a quoted text. */
  readonly passwordOf: (party: Party) => string
  /** A user without limits. */
  readonly administrator?: { readonly user: string; readonly password: string } | undefined
}

/** One account with JetStream and a user for each party, in the words of nats-server's configuration. */
export function formatAccount({ installations, passwordOf, administrator }: AccountText): string {
  const users = installations.flatMap((installation) =>
    parties.map((party) => formatUser(party, installation, passwordOf(party))),
  )
  if (administrator !== undefined) {
    const { user, password } = administrator
    users.push(`    { user: ${quote(user)}, password: ${quote(password)} }`)
  }
  return `ANNALS {
  jetstream: enabled
  users: [
${users.join('\n')}
  ]
}
`
}

function formatUser(party: Party, installation: Installation, password: string): string {
  const { publish, subscribe } = natsPermissions(party, installation)
  return `    {
      user: ${quote(userName(party, installation.namespace))}
      password: ${password}
      permissions {
        publish {
          allow: ${formatList(publish.allow)}
          deny: ${formatList(publish.deny)}
        }
        subscribe {
          allow: ${formatList(subscribe.allow)}
        }
      }
    }`
}

/** One a line, so that a change is seen where it is. */
function formatList(subjects: readonly string[]): string {
  if (subjects.length === 0) return '[]'
  return `[\n${subjects.map((subject) => `            ${quote(subject)}\n`).join('')}          ]`
}

/** As JSON has it, which the server's configuration understands alike for what is printable ASCII. */
export function quote(text: string): string {
  return JSON.stringify(text)
}
