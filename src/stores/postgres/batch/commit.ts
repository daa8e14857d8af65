import type { LiveRun } from '../../../ports/task-store.ts';
import type { TableOperations } from '../../table-operations.ts';
import type { Session } from '../connection/database.ts';
import type { Word } from '../telling/message.ts';
import { commitClaims } from './commit-claims.ts';
import type { Batch, BatchOutcome, Change, Outcome } from './cycle.ts';
import { together } from './needs.ts';
import { type News, NO_NEWS, type Notice, noticeOf } from './news.ts';
import { operate } from './operations.ts';
import type { Shared } from './shared.ts';

/**
 * Does a batch in the transaction of a session.
 * @param now milliseconds since the epoch, by the database's clock. @returns with what others are to be told.
 */
export async function commitBatch(
  session: Session,
  { changes, claims }: Batch,
  now: number,
  shared: Shared,
): Promise<BatchOutcome & Notice> {
  const { wants, news: pace } = shared;
  const changed = await commitChanges(session, changes, now, shared);
  const { answers, news } = await commitClaims(session, claims, now, shared);
  const { messages, kept } = noticeOf([changed.news, ...news], answers, wants, pace, now);
  for (const word of changed.words) messages.push({ word });
  return { changes: changed.outcomes, claims: answers.map((value) => ({ value })), messages, kept };
}

async function commitChanges(
  session: Session,
  changes: readonly Change[],
  now: number,
  shared: Shared,
): Promise<{ outcomes: Outcome[]; news: News; words: Set<Word> }> {
  if (changes.length === 0) return { outcomes: [], news: NO_NEWS, words: new Set() };
  const closed = changes.some(({ isNew }) => isNew) ? await shared.runs.lookIfClosed(session) : undefined;
  const needs = together(changes.map((each) => each.needs));
  const { value, news } = await operate(session, needs, now, shared, (operations, runs) =>
    changes.map((change) =>
      change.isNew && closed ? { outcome: { error: closed } } : attempt(change, operations, runs),
    ),
  );
  const words = value.flatMap(({ tells }) => (tells ? [tells] : []));
  return { outcomes: value.map(({ outcome }) => outcome), news, words: new Set(words) };
}

function attempt(
  change: Change,
  operations: TableOperations,
  runs: readonly LiveRun[],
): { outcome: Outcome; tells?: Word | undefined } {
  try {
    const value = change.apply(operations, runs);
    return { outcome: { value }, tells: change.tells?.(value) };
  } catch (error) {
    return { outcome: { error } };
  }
}
