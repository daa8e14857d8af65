import type { LiveRun } from '../../../ports/task-store.ts';
import type { TableOperations } from '../../table-operations.ts';
import type { Session } from '../connection/database.ts';
import type { Told } from '../telling/told.ts';
import { commitClaims } from './commit-claims.ts';
import type { Batch, BatchOutcome, Change, Outcome } from './cycle.ts';
import { together } from './needs.ts';
import { operate } from './operations.ts';
import type { Shared } from './shared.ts';

/** Does a batch in the transaction of a session. @param now milliseconds since the epoch, by the database's clock. */
export async function commitBatch(
  session: Session,
  { changes, claims }: Batch,
  now: number,
  shared: Shared,
): Promise<BatchOutcome & { told: Set<Told> }> {
  const changed = await commitChanges(session, changes, now, shared);
  const claimed = await commitClaims(session, claims, now, shared);
  const told = new Set([...changed.told, ...claimed.told]);
  // Each telling costs the whole database something. Who waits for all to have ended hears of it from whoever finds nothing more.
  const isBusy = claims.length > 0 && claimed.answers.every(({ task }) => task);
  if (isBusy && !shared.news.isDue(now)) told.delete('settled');
  else if (told.has('settled')) shared.news.done(now);
  return { changes: changed.outcomes, claims: claimed.answers.map((value) => ({ value })), told };
}

async function commitChanges(
  session: Session,
  changes: readonly Change[],
  now: number,
  shared: Shared,
): Promise<{ outcomes: Outcome[]; told: Set<Told> }> {
  if (changes.length === 0) return { outcomes: [], told: new Set() };
  const needs = together(changes.map((each) => each.needs));
  const { value, told } = await operate(session, needs, now, shared, (operations, runs) =>
    changes.map((change) => attempt(change, operations, runs)),
  );
  for (const { tells } of value) if (tells) told.add(tells);
  return { outcomes: value.map(({ outcome }) => outcome), told };
}

function attempt(
  change: Change,
  operations: TableOperations,
  runs: readonly LiveRun[],
): { outcome: Outcome; tells?: Told | undefined } {
  try {
    const value = change.apply(operations, runs);
    return { outcome: { value }, tells: change.tells?.(value) };
  } catch (error) {
    return { outcome: { error } };
  }
}
