import type { DatabaseSchema } from '@annals/sqlite'

/** `channel.id` stands in each cursor: a cursor of a folder that was made anew must not skip what is new in it. */
export const channelSchema: DatabaseSchema = {
  kind: 'channel',
  applicationId: 0x616e_6368,
  migrations: [
    `CREATE TABLE channel (id TEXT NOT NULL);
     INSERT INTO channel VALUES (lower(hex(randomblob(8))));
     CREATE TABLE messages (
       sequence INTEGER PRIMARY KEY AUTOINCREMENT,
       chat TEXT NOT NULL,
       digest BLOB NOT NULL,
       time_ms INTEGER NOT NULL,
       payload BLOB NOT NULL,
       UNIQUE (chat, digest)
     );
     CREATE INDEX messages_chat ON messages (chat, sequence);`,
    `ALTER TABLE messages ADD COLUMN traceparent TEXT;`,
  ],
}
