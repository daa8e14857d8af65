import type { LiveRun } from '../../../ports/task-store.ts';
import type { Moment } from '../../moment.ts';
import { TableOperations } from '../../table-operations.ts';
import type { Session } from '../connection/database.ts';
import type { Needs } from './needs.ts';
import type { News } from './news.ts';
import type { Shared } from './shared.ts';
import { readWorkingSet, touch, type WorkingSet } from './working-set.ts';
import { writeBack } from './write-back.ts';

/**
 * Does something to a part of the store: reads what it needs, lets it be changed, and writes the differences.
 * @returns what `apply` gives, and what that is to others.
 */
export async function operate<T>(
  session: Session,
  needs: Needs,
  now: number,
  shared: Shared,
  apply: (operations: TableOperations, runs: readonly LiveRun[]) => T,
): Promise<{ value: T; news: News }> {
  const set = await readWorkingSet(session, needs, shared.names);
  // Money is shared by all that live; otherwise those are enough that hold what was read.
  const runs = set.needs.ledger ? await shared.runs.live(session) : [];
  const value = apply(operationsOn(set, now, runs, shared), runs);
  return { value, news: await writeBack(session, set, shared.queue, shared.names) };
}

/** @param known runs that live, beside those that the set's rows tell of */
function operationsOn(
  set: WorkingSet,
  now: number,
  known: readonly LiveRun[],
  { runs, late }: Pick<Shared, 'runs' | 'late'>,
): TableOperations {
  const live = new Set([...runs.own, ...known.map(({ id }) => id)]);
  for (const { run, live: lives } of set.rows.values()) {
    // One that has left does not live in any case.
    const isThere = run !== null && lives !== null;
    if (isThere && (lives || runs.isJustBack(now))) live.add(run);
  }
  const moment: Moment = { now, isLive: (id) => live.has(id), late };
  return new TableOperations(set.table, moment, (record) => touch(set, record));
}
