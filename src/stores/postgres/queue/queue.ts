import type { Session } from '../connection/database.ts';
import { type Names, QUEUE } from '../tables/names.ts';
import { LEASE_S, setLease, startTime } from './job-table.ts';

/** A job as it enters the queue. */
export interface NewJob {
  id: string;
  task: string;
  priority: number;
  /** As `Date.parse` reads it. */
  startAfter: string | undefined;
}

/** 63 years: no job is deleted because it waited too long. */
const FOR_EVER_S = 2_000_000_000;

/** pg-boss says when a job must have ended at most; only its own monitor asks, which does not run here. */
const DAY_S = 86_400;

export const QUEUE_OPTIONS = {
  partition: true,
  // An attempt that failed comes back because orch says so.
  retryLimit: 0,
  heartbeatSeconds: LEASE_S,
  expireInSeconds: DAY_S,
  retentionSeconds: FOR_EVER_S,
  deleteAfterSeconds: 0,
};

/** pg-boss' calls that are used here, in our own words: who uses orch as a library need not have its types. */
export interface Boss {
  insert(queue: string, jobs: object[], options: InTransaction): Promise<unknown>;
  fetch(queue: string, options: InTransaction & object): Promise<{ id: string }[]>;
  complete(queue: string, jobs: string[], output: null, options: InTransaction): Promise<unknown>;
  deleteJob(queue: string, jobs: string[], options: InTransaction): Promise<unknown>;
  touch(queue: string, jobs: string[], options: InTransaction): Promise<unknown>;
}

interface InTransaction {
  db: { executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }> };
}

/** pg-boss' queue, as far as the store uses it. Each call is part of the transaction whose session it is given. */
export class Queue {
  readonly #boss: Boss;
  readonly #names: Names;

  constructor(boss: Boss, names: Names) {
    this.#boss = boss;
    this.#names = names;
  }

  async insert(session: Session, jobs: readonly NewJob[]): Promise<void> {
    const inserts = jobs.map(({ id, task, priority, startAfter }) => ({
      id,
      priority,
      // By which a claim passes over tasks.
      group: { id: task },
      startAfter: startTime(startAfter),
    }));
    await this.#boss.insert(QUEUE, inserts, { db: dbOf(session) });
  }

  /** The next jobs, now active. @param except ids of tasks */
  async fetch(session: Session, count: number, except: readonly string[]): Promise<string[]> {
    const options = {
      batchSize: count,
      ...(except.length > 0 && { ignoreGroups: [...except] }),
      db: dbOf(session),
    };
    const jobs = await this.#boss.fetch(QUEUE, options);
    return jobs.map(({ id }) => id);
  }

  async complete(session: Session, jobs: readonly string[]): Promise<void> {
    if (jobs.length > 0) await this.#boss.complete(QUEUE, [...jobs], null, { db: dbOf(session) });
  }

  async remove(session: Session, jobs: readonly string[]): Promise<void> {
    if (jobs.length > 0) await this.#boss.deleteJob(QUEUE, [...jobs], { db: dbOf(session) });
  }

  /** Prolongs the leases of active jobs from now. */
  async touch(session: Session, jobs: readonly string[], leaseMs: number): Promise<void> {
    if (jobs.length === 0) return;
    await this.#boss.touch(QUEUE, [...jobs], { db: dbOf(session) });
    await setLease(session, jobs, leaseMs, this.#names);
  }
}

/** pg-boss as part of our transaction. */
function dbOf(session: Session): InTransaction['db'] {
  return {
    executeSql: async (text: string, values?: unknown[]) => ({ rows: await session.query(text, values) }),
  };
}
