import type { DatabaseSchema } from '@annals/sqlite'

/**
 * `consumers.position`: all events up to it that the consumer wants are done, or stand in `deliveries`.
 * `deliveries`: what is taken in and not acknowledged. `due_ms` is null while it is in the process's memory;
 * `with_handler` says that a handler has it; `attempts` counts hand-outs, `interrupted` those of them that the end of
 * the process cut off.
 */
export const busSchema: DatabaseSchema = {
  kind: 'events',
  applicationId: 0x616e_6576,
  migrations: [
    `CREATE TABLE events (
       sequence INTEGER PRIMARY KEY,
       id TEXT NOT NULL UNIQUE,
       name TEXT NOT NULL,
       community TEXT NOT NULL,
       time_ms INTEGER NOT NULL,
       source TEXT NOT NULL,
       traceparent TEXT,
       payload BLOB NOT NULL
     );
     CREATE INDEX events_community ON events (community, sequence);
     CREATE TABLE consumers (
       name TEXT PRIMARY KEY,
       position INTEGER NOT NULL
     ) WITHOUT ROWID;
     CREATE TABLE deliveries (
       consumer TEXT NOT NULL,
       sequence INTEGER NOT NULL,
       due_ms INTEGER,
       with_handler INTEGER NOT NULL DEFAULT 0,
       attempts INTEGER NOT NULL DEFAULT 0,
       interrupted INTEGER NOT NULL DEFAULT 0,
       PRIMARY KEY (consumer, sequence)
     ) WITHOUT ROWID;
     CREATE INDEX deliveries_due ON deliveries (consumer, due_ms, sequence) WHERE due_ms IS NOT NULL;
     CREATE TABLE dead_letters (
       id INTEGER PRIMARY KEY AUTOINCREMENT,
       consumer TEXT NOT NULL,
       sequence INTEGER NOT NULL,
       deliveries INTEGER NOT NULL,
       error TEXT NOT NULL,
       time_ms INTEGER NOT NULL
     );`,
  ],
}
