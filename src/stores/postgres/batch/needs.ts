import type { Session } from '../connection/database.ts';
import { leaseEnd, type Names, taskSource, withEarlier } from '../tables/names.ts';

/** What of the store a piece of work has to know. It knows nothing else, so what it may look at has to be named here. */
export interface Needs {
  /** Ids of tasks, which need not be there. */
  tasks?: readonly string[];
  /** And all that those come after, directly or not. */
  withAfter?: boolean;
  /** And the tasks that come after one of them, directly. */
  withDependents?: boolean;
  /** And the failed tasks and those in progress; or all. */
  every?: 'failed' | 'task';
  /** And for each run that holds any a task whose lease lasts. */
  working?: boolean;
  /** Tasks that a run of this process holds, or held, by their ids: those that somebody holds still. */
  held?: readonly string[];
  /** The next automatic id. */
  counter?: boolean;
  /** Money. */
  ledger?: boolean;
  /** What stopped the run that left last. */
  lastStop?: boolean;
}

/** Of several pieces of work together. */
export function together(all: readonly Needs[]): Needs {
  const every = all.map((needs) => needs.every).filter((each) => each !== undefined);
  return {
    tasks: [...new Set(all.flatMap(({ tasks }) => tasks ?? []))],
    held: all.flatMap(({ held }) => held ?? []),
    withAfter: all.some((needs) => needs.withAfter),
    withDependents: all.some((needs) => needs.withDependents),
    ...(every.length > 0 && { every: every.includes('task') ? 'task' : 'failed' }),
    working: all.some((needs) => needs.working),
    counter: all.some((needs) => needs.counter),
    ledger: all.some((needs) => needs.ledger),
    lastStop: all.some((needs) => needs.lastStop),
  };
}

/** The ids of the tasks that are meant by themselves. */
export async function namedBy(session: Session, needs: Needs, names: Names): Promise<string[]> {
  return [...(needs.tasks ?? []), ...(needs.working ? await working(session, names) : [])];
}

/** With those of the tasks that belong to them. */
export async function withRelated(
  session: Session,
  named: readonly string[],
  needs: Needs,
  names: Names,
): Promise<string[]> {
  const ids = new Set(named);
  if (needs.withDependents && ids.size > 0) {
    for (const id of await dependents(session, [...ids], names)) ids.add(id);
  }
  if (needs.withAfter && ids.size > 0) for (const id of await allAfter(session, [...ids], names)) ids.add(id);
  return [...ids];
}

async function working(session: Session, names: Names): Promise<string[]> {
  const rows = await session.query<{ id: string }>(
    `SELECT DISTINCT ON (c.run) t.id FROM ${taskSource(names)}
     WHERE j.state = 'active' AND j.group_id IS NOT NULL AND ${leaseEnd('j')} > ${names.now}`,
  );
  return rows.map(({ id }) => id);
}

async function dependents(session: Session, ids: string[], { task }: Names): Promise<string[]> {
  const rows = await session.query<{ id: string }>(`SELECT id FROM ${task} WHERE after && $1::text[]`, [ids]);
  return rows.map(({ id }) => id);
}

async function allAfter(session: Session, ids: string[], names: Names): Promise<string[]> {
  const rows = await session.query<{ id: string }>(withEarlier(names, 1), [ids]);
  return rows.map(({ id }) => id);
}
