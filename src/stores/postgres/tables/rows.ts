import { isoTime } from '../../../model/clock.ts';
import type { Attempt, Lease, Task, TaskStatus } from '../../../model/task.ts';
import { claimed } from '../../../model/transitions.ts';

/** A task with its job and its claim, as `taskColumns` gives them. Times are milliseconds since the epoch. */
export interface TaskRow {
  id: string;
  job: string;
  after: string[] | null;
  body: string;
  state: JobState;
  priority: number;
  run: string | null;
  token: string | null;
  since: number | null;
  expires_at: number | null;
  /** Whether the run of its claim lives. */
  live: boolean | null;
}

/** As pg-boss has them. */
export type JobState = 'created' | 'retry' | 'active' | 'completed' | 'failed' | 'cancelled';

const STATUSES: Record<JobState, TaskStatus> = {
  created: 'pending',
  retry: 'pending',
  active: 'in_progress',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'failed',
};

export function statusOf(state: JobState): TaskStatus {
  return STATUSES[state];
}

/** The states of a job whose task is of this status. */
export function statesOf(status: TaskStatus): JobState[] {
  return (Object.keys(STATUSES) as JobState[]).filter((state) => STATUSES[state] === status);
}

/** What a task's body leaves out, because it has another home: its columns, its job, its claim. */
type Body = Omit<Task, 'id' | 'status' | 'priority' | 'after' | 'lease'>;

/** A body holds no trace of a claim until there is output: its open attempt follows from the claim. */
export function taskOfRow(row: TaskRow): Task {
  const body = JSON.parse(row.body) as Body;
  const task: Task = {
    id: row.id,
    ...body,
    status: STATUSES[row.state],
    priority: row.priority,
    ...(row.after && { after: row.after }),
  };
  const lease = leaseOfRow(row);
  return lease ? claimed(task, lease) : task;
}

function leaseOfRow({ id, state, run, token, since, expires_at }: TaskRow): Lease | undefined {
  if (state !== 'active' || run === null || token === null) return undefined;
  return { taskId: id, run, token, since: isoTime(since ?? 0), expiresAt: isoTime(expires_at ?? 0) };
}

/** What has changed nothing but its claim has the body that it had: so no claim is written into one. */
export function bodyOf({ id, status, priority, after, lease, ...body }: Task): string {
  return JSON.stringify({
    ...body,
    history: lease ? withoutClaim(body.history) : body.history,
  } satisfies Body);
}

/** The other way round than `claimed`. */
function withoutClaim(history: Attempt[]): Attempt[] {
  const open = history.at(-1);
  return open && open.outcome === undefined && open.output === undefined ? history.slice(0, -1) : history;
}
