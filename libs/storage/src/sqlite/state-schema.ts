import type { DatabaseSchema } from '@annals/sqlite'

/**
 * `available_at` is the later of `due_at` and the end of the lease: with it, both the next document to claim and the
 * next moment to look are found in an index.
 */
export const stateSchema: DatabaseSchema = {
  kind: 'state',
  applicationId: 0x616e_7374,
  migrations: [
    `CREATE TABLE documents (
       collection TEXT NOT NULL,
       id TEXT NOT NULL,
       version INTEGER NOT NULL,
       due_at REAL,
       available_at REAL,
       owner TEXT,
       value TEXT NOT NULL,
       PRIMARY KEY (collection, id)
     );
     CREATE INDEX documents_due ON documents (collection, due_at, id) WHERE due_at IS NOT NULL;
     CREATE INDEX documents_available ON documents (collection, available_at) WHERE due_at IS NOT NULL;`,
  ],
}
