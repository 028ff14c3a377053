import type { StatementSync } from 'node:sqlite'
import type { Database } from '@annals/sqlite'
import { messageColumns } from './message-rows.ts'
import { prepareTopicUpsert } from './topic-counts.ts'

export type MessageStatements = Readonly<
  Record<
    | 'communityNumber'
    | 'addCommunity'
    | 'forgetCommunity'
    | 'forgotten'
    | 'insert'
    | 'addPending'
    | 'settle'
    | 'pendingTopics'
    | 'upsertTopic'
    | 'topics'
    | 'pending'
    | 'range'
    | 'deletePending'
    | 'deleteSome'
    | 'deleteTopics'
    | 'deleteCommunity',
    StatementSync
  >
>

export function prepareMessageStatements(database: Database): MessageStatements {
  return {
    communityNumber: database.prepare('SELECT number FROM communities WHERE name = ?'),
    addCommunity: database.prepare('INSERT INTO communities (name) VALUES (?)'),
    forgetCommunity: database.prepare('UPDATE communities SET name = NULL WHERE name = ?'),
    forgotten: database.prepare('SELECT number FROM communities WHERE name IS NULL'),
    insert: database.prepare('INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING'),
    addPending: database.prepare('INSERT INTO pending VALUES (?, ?, ?, ?)'),
    settle: database.prepare('DELETE FROM pending WHERE community = ? AND timestamp = ? AND hash = ?'),
    pendingTopics: database.prepare(
      `SELECT topic, count(*) AS pending FROM pending
       WHERE community = ? AND timestamp BETWEEN ? AND ? GROUP BY topic`,
    ),
    upsertTopic: prepareTopicUpsert(database),
    topics: database.prepare('SELECT topic, messages, pending, oldest, newest FROM topics WHERE community = ?'),
    // The CROSS JOIN keeps the order of the tables: what is pending leads, and its topic is looked at first.
    pending: database.prepare(
      `SELECT ${messageColumns} FROM pending CROSS JOIN messages USING (community, timestamp, hash)
       WHERE community = ? AND (pending.timestamp, pending.hash) > (?, ?) AND pending.timestamp < ?
         AND pending.topic IN (SELECT unhex(value) FROM json_each(?))
       ORDER BY pending.timestamp, pending.hash`,
    ),
    range: database.prepare(
      `SELECT ${messageColumns} FROM messages
       WHERE community = ? AND (timestamp, hash) > (?, ?) AND timestamp < ? ORDER BY timestamp, hash`,
    ),
    deletePending: database.prepare('DELETE FROM pending WHERE community = ?'),
    deleteSome: database.prepare(
      `DELETE FROM messages WHERE community = ?1 AND (timestamp, hash) IN (
         SELECT timestamp, hash FROM messages WHERE community = ?1 ORDER BY timestamp, hash LIMIT ?2
       )`,
    ),
    deleteTopics: database.prepare('DELETE FROM topics WHERE community = ?'),
    deleteCommunity: database.prepare('DELETE FROM communities WHERE number = ?'),
  }
}
