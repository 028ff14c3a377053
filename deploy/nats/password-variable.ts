import type { Party } from '../needs.ts'

/** The variable of the server's environment that holds the password of a party's user. */
export function passwordVariable(party: Party): string {
  return `NATS_PASSWORD_${party.toUpperCase().replaceAll('-', '_')}`
}
