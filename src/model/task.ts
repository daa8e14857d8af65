import { addUsage, type Usage } from './usage.ts';
import type { Evidence, Verdict } from './verdict.ts';

/**
 * Where a task stands. `blocked` is not a status: it is a pending task with an unfinished `after`.
 *
 *   add -> pending -- claim --> in_progress -- verified --> completed
 *             ^                    |  |
 *             +-- retry, release --+  +-- no attempts left, permanent, third crash, cancel --> failed
 *
 * `reset` takes a completed or failed task back to pending, clean; `retry` gives it one more round, and what was learned stays; `reopen`
 * takes back a completed one whose result no longer holds.
 */
export const TASK_STATUSES = ['pending', 'in_progress', 'completed', 'failed'] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/**
 * How a task came to be `failed`:
 * - `rejected`: the verifier rejected its last attempt, and no attempts are left
 * - `failed`: its last attempt failed by itself, and no attempts are left
 * - `repeated`: a rejected output came again byte for byte, so that more attempts would be wasted
 * - `permanent`: it can never succeed as it is
 * - `unverifiable`: its verifier could not tell, three times
 * - `crashed`: three runners died with it without progress in between
 * - `cancelled`: somebody ended it
 */
export const TASK_ERROR_KINDS = [
  'rejected',
  'failed',
  'repeated',
  'permanent',
  'unverifiable',
  'crashed',
  'cancelled',
] as const;
export type TaskErrorKind = (typeof TASK_ERROR_KINDS)[number];

export interface TaskError {
  kind: TaskErrorKind;
  message: string;
}

/**
 * How an attempt ended. `passed`, `rejected` and `failed` count toward `maxAttempts`; `unverifiable` (its verifier could not tell) and
 * `interrupted` do not.
 * An attempt without an outcome is open: it runs, or it is a checkpoint (it has output that waits for its verdict).
 */
export const ATTEMPT_OUTCOMES = ['passed', 'rejected', 'failed', 'unverifiable', 'interrupted'] as const;
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];

/** What a check and the files that it uses were when its task was added, as `sealOf` makes it: SHA-256 in hexadecimal. */
export interface Seal {
  check: string;
  /** By path, which is taken from the store's folder. */
  files?: Record<string, string>;
}

/** One execution of a task: an entry of its history. Times are ISO 8601 in UTC. */
export interface Attempt {
  /** 1 for the first since the task was added or reset. */
  number: number;
  /** Id of the run that made it. */
  run: string;
  /** Id of the run that last went on with its verification, where that is another one: its output was there already. */
  resumedBy?: string;
  startedAt: string;
  endedAt?: string;
  outcome?: AttemptOutcome;
  /** What the executor returned. Left out of the attempt that passed: there it is the task's `result`. */
  output?: string;
  /** The executor's own confidence, 0 to 1, where it has one. */
  confidence?: number;
  verdict?: Verdict;
  /** What each verifier said of it, the cheapest first; where one could not tell, what those before it said. */
  evidence?: Evidence[];
  /** What the verifier says of itself: model, hash of its prompt. */
  judge?: Record<string, unknown>;
  /** Why it failed, or could not be judged. */
  error?: string;
  usage?: Usage;
  /** What the executor says beside its output: model, exit status. */
  metadata?: Record<string, unknown>;
}

/** Who holds a task, and until when others must leave it alone. Times are ISO 8601 in UTC. */
export interface Lease {
  taskId: string;
  /** Id of the run that holds it. */
  run: string;
  /** Never given twice: a write with another token than the task's current one is refused. */
  token: string;
  since: string;
  expiresAt: string;
}

/** One piece of work: what to do, what would satisfy it, and all that came of it. Absent values are left out. */
export interface Task {
  id: string;
  description: string;
  status: TaskStatus;
  /** The output that passed; only a completed task has one. */
  result?: string;
  /** Attempts since it was added or reset that were judged, or that failed by themselves. */
  attempts: number;
  /** Those of them that were made before it was given one more round: they do not count towards the limit. */
  earlierAttempts?: number;
  /** Its own limit; without one the run's applies. */
  maxAttempts?: number;
  /** Higher first. */
  priority: number;
  /** Ids of the tasks that must be completed before it. */
  after?: string[];
  /** Not to be started before this time. */
  notBefore?: string;
  /** What would satisfy it, in words, for executor and judge. */
  criteria?: string;
  /** A shell command that must pass its result. */
  check?: string;
  /** By which a check that was changed since is known; it is not run then, and rejects every result. */
  seal?: Seal;
  /** A regular expression that must be found in its result, as `patternOf` reads it. */
  expect?: string;
  /** A JSON Schema 2020-12 that its result must fit. */
  schema?: Record<string, unknown>;
  tags?: string[];
  metadata?: Record<string, unknown>;
  /** The fields of a row that a template put into the description: data, which is not to be run as code. */
  filledFields?: string[];
  /** What somebody said who gave it one more round; each attempt's executor is told. */
  feedback?: string;
  createdAt: string;
  /** When it was first claimed since it was added or reset. */
  startedAt?: string;
  endedAt?: string;
  /** Why it is failed. */
  error?: TaskError;
  /** The number of the attempt that came closest; only a failed task has one, where an attempt since its last reset gave an output. */
  best?: number;
  /** Whether a verifier passed its result; `false` where exit status 0 or an answer is the only evidence. */
  verified?: boolean;
  /** The verdict's confidence, or the executor's where nothing verified. */
  confidence?: number;
  /** All of its attempts that have ended, verification included; `usageOf` has the open one too. */
  usage?: Usage;
  history: Attempt[];
  lease?: Lease;
  /** Runners that died with it, one after the other, without progress in between. */
  crashes?: number;
}

/** What `add` takes: a description, and what else is known. Without an `id` it gets the next automatic one. */
export type NewTask = Pick<Task, 'description'> &
  Partial<
    Pick<
      Task,
      | 'id'
      | 'priority'
      | 'maxAttempts'
      | 'after'
      | 'notBefore'
      | 'criteria'
      | 'check'
      | 'seal'
      | 'expect'
      | 'schema'
      | 'tags'
      | 'metadata'
      | 'filledFields'
    >
  >;

/**
 * What is to be changed of a task: what is left out stays, `null` takes a field away. Lists are replaced; of `metadata` only the keys that
 * are named change, and `null` takes one away.
 */
export type TaskEdit = Partial<Pick<Task, 'description' | 'priority'>> & {
  [K in Exclude<keyof NewTask, 'id' | 'description' | 'priority'>]?: Task[K] | null;
};

/** How many tasks are in each status. Blocked ones are counted inside pending too. */
export interface Counts {
  pending: number;
  in_progress: number;
  completed: number;
  failed: number;
  /** Pending tasks that wait for a task that is not completed. */
  blocked: number;
  total: number;
}

/** The output that was kept while its verdict is awaited: the last attempt, while it is open and has output. */
export function checkpointOf(task: Task): Attempt | undefined {
  const last = task.history.at(-1);
  return last && !last.outcome && last.output !== undefined ? last : undefined;
}

/** What it used so far, that of an output which waits for its verdict included. */
export function usageOf(task: Task): Usage | undefined {
  return addUsage(task.usage, checkpointOf(task)?.usage);
}

export function isCounted(outcome: AttemptOutcome | undefined): boolean {
  return outcome === 'passed' || outcome === 'rejected' || outcome === 'failed';
}

/** The settled attempts since the task was added or reset, oldest first: of all rounds that it was given. */
export function attemptsSinceReset(task: Task): Attempt[] {
  const settled = task.history.filter((attempt) => isCounted(attempt.outcome));
  return task.attempts === 0 ? [] : settled.slice(-task.attempts);
}

/** How many attempts were rejected since the task was added or reset. */
export function rejectionsOf(task: Task): number {
  return attemptsSinceReset(task).filter((attempt) => attempt.outcome === 'rejected').length;
}
