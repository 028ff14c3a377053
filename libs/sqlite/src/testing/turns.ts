import type { DatabaseSchema } from '../database.ts'

/** Numbers, as `write-in-turn.ts` writes them. */
export const turns: DatabaseSchema = {
  kind: 'turns',
  applicationId: 0x616e_7475,
  migrations: ['CREATE TABLE turns (number INTEGER PRIMARY KEY)'],
}
