import type { DatabaseSchema } from '@annals/sqlite'

/**
 * Messages stand in the order in which they are read, and their place is their identity: an index by hash alone would
 * be written at random places, which costs three quarters of the speed at a million messages.
 * What is not in `pending` is settled; a table of its own, so that settling rewrites small rows only.
 * `topics` holds what would otherwise be counted: it changes with each batch, in the same transaction.
 * A community without a name is being deleted; its number is not used again before all its messages are gone.
 */
export const messageSchema: DatabaseSchema = {
  kind: 'messages',
  applicationId: 0x616e_6d73,
  migrations: [
    `CREATE TABLE communities (
       number INTEGER PRIMARY KEY,
       name TEXT UNIQUE
     );
     CREATE TABLE messages (
       community INTEGER NOT NULL,
       timestamp INTEGER NOT NULL,
       hash BLOB NOT NULL,
       topic BLOB NOT NULL,
       sig BLOB NOT NULL,
       padding BLOB NOT NULL,
       third_party_id TEXT NOT NULL,
       payload BLOB NOT NULL,
       PRIMARY KEY (community, timestamp, hash)
     ) WITHOUT ROWID;
     CREATE TABLE pending (
       community INTEGER NOT NULL,
       timestamp INTEGER NOT NULL,
       hash BLOB NOT NULL,
       topic BLOB NOT NULL,
       PRIMARY KEY (community, timestamp, hash)
     ) WITHOUT ROWID;
     CREATE TABLE topics (
       community INTEGER NOT NULL,
       topic BLOB NOT NULL,
       messages INTEGER NOT NULL,
       pending INTEGER NOT NULL,
       oldest INTEGER NOT NULL,
       newest INTEGER NOT NULL,
       PRIMARY KEY (community, topic)
     ) WITHOUT ROWID;`,
  ],
}
