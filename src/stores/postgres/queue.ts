import type { PgBoss } from 'pg-boss';
import { isoTime } from '../../model/clock.ts';
import type { TaskStatus } from '../../model/task.ts';
import type { Session } from './database.ts';
import { type Names, QUEUE } from './names.ts';

/** A job as it enters the queue. */
export interface NewJob {
  id: string;
  task: string;
  priority: number;
  /** As `Date.parse` reads it. */
  startAfter: string | undefined;
}

/** Where a job is to stand, whatever its state was. */
export interface Placement {
  job: string;
  status: TaskStatus;
  priority: number;
  /** As `Date.parse` reads it. */
  startAfter: string | undefined;
}

/** How long a lease lasts that is neither longer nor shorter for a reason, in seconds. */
const LEASE_S = 30;

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

/**
 * pg-boss' queue, as far as the store uses it. Each call is part of the transaction whose session it is given. What pg-boss does not offer is done
 * to its table directly (docs/architecture.md says why): places, ages, blocked jobs, and claims of chosen ones.
 */
export class Queue {
  readonly #boss: PgBoss;
  readonly #names: Names;

  constructor(boss: PgBoss, names: Names) {
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

  /** The same among the jobs of these tasks alone, which pg-boss does not offer. */
  async fetchOnly(
    session: Session,
    count: number,
    only: readonly string[],
    except: readonly string[],
  ): Promise<string[]> {
    const { job, now } = this.#names;
    const rows = await session.query<{ id: string }>(
      `WITH next AS (
         SELECT id FROM ${job}
         WHERE name = '${QUEUE}' AND state < 'active' AND NOT blocked AND start_after <= ${now}
           AND group_id = ANY($1) AND group_id <> ALL($2)
         ORDER BY priority DESC, created_on LIMIT $3
         FOR UPDATE SKIP LOCKED
       )
       UPDATE ${job} j SET state = 'active', started_on = ${now}, heartbeat_on = ${now},
         retry_count = CASE WHEN started_on IS NULL THEN retry_count ELSE retry_count + 1 END
       FROM next WHERE j.name = '${QUEUE}' AND j.id = next.id
       RETURNING j.id`,
      [[...only], [...except], count],
    );
    return rows.map(({ id }) => id);
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
    await this.#setLease(session, jobs, leaseMs);
  }

  /** Says how long the leases of jobs last that were pending, where that is not what it is for all. They end with a whole second. */
  async setFirstLease(session: Session, jobs: readonly string[], leaseMs: number): Promise<void> {
    if (leaseMs !== LEASE_S * 1000) await this.#setLease(session, jobs, leaseMs);
  }

  async #setLease(session: Session, jobs: readonly string[], leaseMs: number): Promise<void> {
    await session.query(
      `UPDATE ${this.#names.job} SET heartbeat_seconds = $2
       WHERE name = '${QUEUE}' AND id = ANY($1) AND heartbeat_seconds <> $2`,
      [[...jobs], Math.ceil(leaseMs / 1000)],
    );
  }

  /**
   * pg-boss' own ways back lead from one state each, take a new start time, and none leads back from `completed`. Where it lets a job fail it puts
   * another row in its place, which whoever waits for the first one's lock does not see. A job in progress stays so.
   */
  async place(session: Session, placements: readonly Placement[]): Promise<void> {
    if (placements.length === 0) return;
    await session.query(
      `UPDATE ${this.#names.job} j SET
         state = CASE
           WHEN x.status = 'in_progress' THEN j.state
           WHEN x.status <> 'pending' THEN x.status::${this.#names.jobState}
           WHEN j.state < 'active' THEN j.state
           ELSE 'retry' END,
         priority = x.priority,
         start_after = coalesce(x.start_after, '-infinity'),
         completed_on = CASE WHEN x.status IN ('completed', 'failed') THEN coalesce(j.completed_on, ${this.#names.now}) END,
         heartbeat_on = CASE WHEN x.status = 'in_progress' THEN j.heartbeat_on END,
         heartbeat_seconds = CASE WHEN x.status = 'in_progress' THEN j.heartbeat_seconds ELSE ${LEASE_S} END
       FROM unnest($1::uuid[], $2::text[], $3::int[], $4::timestamptz[]) AS x (id, status, priority, start_after)
       WHERE j.name = '${QUEUE}' AND j.id = x.id`,
      [
        placements.map(({ job }) => job),
        placements.map(({ status }) => status),
        placements.map(({ priority }) => priority),
        placements.map(({ startAfter }) => startTime(startAfter) ?? null),
      ],
    );
  }

  /** Jobs that came in together are as old as their order says, and none is older than what was there before. */
  async age(session: Session, jobs: readonly string[]): Promise<void> {
    const { counter, job, now } = this.#names;
    await session.query(
      `WITH last AS (
         UPDATE ${counter} SET last_added = greatest(${now}, last_added + interval '1 microsecond') + $2 * interval '1 microsecond'
         RETURNING last_added - $2 * interval '1 microsecond' AS first
       )
       UPDATE ${job} j SET created_on = last.first + x.place * interval '1 microsecond'
       FROM last, unnest($1::uuid[]) WITH ORDINALITY AS x (id, place)
       WHERE j.name = '${QUEUE}' AND j.id = x.id`,
      [[...jobs], jobs.length],
    );
  }

  /**
   * Blocks the jobs of these tasks, or no longer, as the tasks stand that they come after. To be called with all of them locked: whoever
   * completes one of those others at the same time waits, or has been waited for.
   */
  async block(session: Session, tasks: readonly string[]): Promise<void> {
    const { job, task } = this.#names;
    await session.query(
      `UPDATE ${job} j SET blocked = x.blocked
       FROM (
         SELECT t.job, EXISTS (
           SELECT FROM unnest(t.after) AS a (id) LEFT JOIN ${task} d ON d.id = a.id
             LEFT JOIN ${job} dj ON dj.name = '${QUEUE}' AND dj.id = d.job
           WHERE dj.state IS DISTINCT FROM 'completed'
         ) AS blocked
         FROM ${task} t WHERE t.id = ANY($1)
       ) x
       WHERE j.name = '${QUEUE}' AND j.id = x.job AND j.blocked <> x.blocked`,
      [[...tasks]],
    );
  }
}

/** As PostgreSQL reads it, which writes years beyond 9999 without a sign. What is long past needs none. */
function startTime(startAfter: string | undefined): string | undefined {
  const at = startAfter === undefined ? 0 : Date.parse(startAfter);
  return at > 0 ? isoTime(at).replace(/^\+0*/, '') : undefined;
}

/** pg-boss as part of our transaction. */
function dbOf(session: Session) {
  return {
    executeSql: async (text: string, values?: unknown[]) => ({ rows: await session.query(text, values) }),
  };
}
