import type { StatementSync } from 'node:sqlite'
import type { Database } from '@annals/sqlite'
import { prepareTopicUpsert } from './topic-counts.ts'

export type MessageStatements = Readonly<
  Record<
    | 'communityNumber'
    | 'addCommunity'
    | 'forgetCommunity'
    | 'forgotten'
    | 'insert'
    | 'settle'
    | 'upsertTopic'
    | 'topics'
    | 'pending'
    | 'range'
    | 'deleteSome'
    | 'deleteTopics'
    | 'deleteCommunity',
    StatementSync
  >
>

export function prepareMessageStatements(database: Database): MessageStatements {
  const columns = 'timestamp, hash, topic, sig, padding, third_party_id, payload'
  return {
    communityNumber: database.prepare('SELECT number FROM communities WHERE name = ?'),
    addCommunity: database.prepare('INSERT INTO communities (name) VALUES (?)'),
    forgetCommunity: database.prepare('UPDATE communities SET name = NULL WHERE name = ?'),
    forgotten: database.prepare('SELECT number FROM communities WHERE name IS NULL'),
    insert: database.prepare('INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING'),
    settle: database.prepare(
      `UPDATE messages SET state = ? WHERE community = ? AND timestamp = ? AND hash = ? AND state = 0 RETURNING topic`,
    ),
    upsertTopic: prepareTopicUpsert(database),
    topics: database.prepare('SELECT topic, messages, pending, oldest, newest FROM topics WHERE community = ?'),
    pending: database.prepare(
      `SELECT ${columns} FROM messages INDEXED BY messages_pending
       WHERE state = 0 AND community = ? AND (timestamp, hash) > (?, ?) AND timestamp < ?
         AND topic IN (SELECT unhex(value) FROM json_each(?))
       ORDER BY timestamp, hash`,
    ),
    range: database.prepare(
      `SELECT ${columns} FROM messages
       WHERE community = ? AND (timestamp, hash) > (?, ?) AND timestamp < ? ORDER BY timestamp, hash`,
    ),
    deleteSome: database.prepare(
      `DELETE FROM messages WHERE community = ? AND (timestamp, hash) IN (
         SELECT timestamp, hash FROM messages WHERE community = ? ORDER BY timestamp, hash LIMIT ?
       )`,
    ),
    deleteTopics: database.prepare('DELETE FROM topics WHERE community = ?'),
    deleteCommunity: database.prepare('DELETE FROM communities WHERE number = ?'),
  }
}
