import { createHash } from 'node:crypto';

/** The queue's own tables lie in a schema beside ours. */
export function queueSchema(schema: string): string {
  return `${schema}_queue`;
}

/** The one queue of a store. */
export const QUEUE = 'orch';

/** pg-boss keeps a partitioned queue in a table of its own. Named itself, it is planned for in half the time. */
const PARTITION = `j${createHash('sha224').update(QUEUE).digest('hex')}`;

/** The store's tables, as they stand in statements. */
export interface Names {
  schema: string;
  task: string;
  claim: string;
  run: string;
  counter: string;
  mark: string;
  fact: string;
  tally: string;
  work: string;
  /** Of the queue. */
  job: string;
  /** The table of which that is a part. */
  allJobs: string;
  jobState: string;
  now: string;
}

export function namesIn(schema: string): Names {
  const queue = queueSchema(schema);
  return {
    schema,
    task: `${schema}.task`,
    claim: `${schema}.claim`,
    run: `${schema}.run`,
    counter: `${schema}.counter`,
    mark: `${schema}.mark`,
    fact: `${schema}.fact`,
    tally: `${schema}.tally`,
    work: `${schema}.work`,
    job: `${queue}.${PARTITION}`,
    allJobs: `${queue}.job`,
    jobState: `${queue}.job_state`,
    now: `${schema}.now()`,
  };
}

/** A moment as milliseconds since the epoch. */
export function ms(expression: string): string {
  return `floor(extract(epoch FROM ${expression}) * 1000)::float8`;
}

/** When the lease of a job ends: as long after its last heartbeat as the job says. */
export function leaseEnd(job: string): string {
  return `${job}.heartbeat_on + ${job}.heartbeat_seconds * interval '1 second'`;
}

const COLUMNS = `t.id, t.job, t.after, t.body::text AS body, j.state, j.priority, c.run, c.token, ${ms('c.since')} AS since,
  ${ms(leaseEnd('j'))} AS expires_at`;

/** What `TaskRow` has. `t` is the task, `j` its job, `c` its claim, `r` the run of that. */
export function taskColumns({ now }: Names): string {
  return `${COLUMNS}, r.alive_until >= ${now} AS live`;
}

/** The same of a task that a run of this process holds. */
export function heldColumns(): string {
  return `${COLUMNS}, true AS live`;
}

export function taskSource({ task, job, claim, run }: Names): string {
  return `${task} t
    JOIN ${job} j ON j.name = '${QUEUE}' AND j.id = t.job
    LEFT JOIN ${claim} c ON c.job = t.job
    LEFT JOIN ${run} r ON r.id = c.run`;
}

/** The ids of tasks, which are the parameter at that place, and of all that they come after, directly or not. */
export function withEarlier({ task }: Names, place: number): string {
  return `WITH RECURSIVE earlier (id) AS (
      SELECT unnest($${place}::text[]) UNION SELECT unnest(e.after) FROM ${task} e JOIN earlier ON earlier.id = e.id
    ) SELECT id FROM earlier`;
}
