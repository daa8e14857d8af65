import type { Pool } from './pool.ts';
import type { ExecutionResult, Verification } from './result.ts';
import type { Task, TaskError } from './task.ts';
import type { Usage } from './usage.ts';
import type { Verdict } from './verdict.ts';

/** What happens in a run, as hooks receive it. `--json` prints the same with `event`, `at` and `run` in front. */
export interface EventMap {
  /**
   * The run begins; nothing is claimed yet. `others`: runs that worked on the store when it joined. `credentials`: where those for the
   * Claude API are from, never the secret; only from the command line, which looks for them.
   */
  'run:start': { concurrency: number; others: number; credentials?: string };
  /** A task was claimed. `attempt` is 1 for the first; `resumed`: its output is there already and only has to be verified. */
  'task:start': { task: Task; attempt: number; resumed: boolean };
  /** The executor answered. */
  'task:execute': { task: Task; attempt: number; result: ExecutionResult };
  /** The verifier answered. */
  'task:verify': { task: Task; attempt: number; verification: Verification };
  /**
   * It will be tried again: back in the store after a counted attempt, or after `delayMs` where the service
   * failed for now (`transient`) or the verifier could not tell (`inconclusive`).
   */
  'task:retry': {
    task: Task;
    attempt: number;
    cause: RetryCause;
    reason: string;
    verdict?: Verdict;
    delayMs?: number;
  };
  'task:complete': { task: Task; attempt: number; verdict?: Verdict };
  'task:fail': { task: Task; attempt: number; error: TaskError; verdict?: Verdict };
  /** It went back to pending, not counted: the run was stopped, or the service will not serve it for now. */
  'task:release': { task: Task; reason: string };
  /** Its lease was lost: somebody cancelled it, or took it over. What it gave is dropped. */
  'task:lost': { task: Task; reason: string };
  /** It has cost most of what it may cost. Once a task, when that becomes so; US dollars, with what may have been billed besides. */
  'task:cost-warning': { task: Task; attempt: number; spentUsd: number; limitUsd: number };
  /** Most of what the runs on this store may spend together is spent. */
  'budget:warning': { pool: Pool };
  /** A call waits for money that others, of this run or of another, have set aside; `reason`: a task waits for another run, with its cap, to leave. */
  'budget:wait': { pool: Pool; reason?: string };
  /** Nothing waits for money any more. */
  'budget:resume': Record<never, never>;
  /** Nothing is left but what is due later: it waits for that. `dueAt`: when the first is due, ISO 8601. */
  'run:wait': { dueAt: string };
  /** A safety check stopped the run. */
  'safety:trip': { reason: string };
  'run:pause': Record<never, never>;
  'run:resume': Record<never, never>;
  'run:end': { stats: RunStats };
}

export type EventName = keyof EventMap;

/** An event as it is delivered: its name, when it happened (ISO 8601), the id of its run, and what the map says. */
export type RunEvent<N extends EventName = EventName> = {
  [K in N]: { event: K; at: string; run: string } & EventMap[K];
}[N];

export type RetryCause = 'rejected' | 'failed' | 'transient' | 'inconclusive';

/** Statistics of a run. A task counts once, however often it was tried. */
export interface RunStats {
  /** Tasks that this run worked on. */
  processed: number;
  completed: number;
  failed: number;
  /** Tasks that were sent back at least once. */
  retried: number;
  /** Executions and resumed verifications that were settled as an attempt. */
  attempts: number;
  elapsedSeconds: number;
  /** completed / (completed + failed), 0 to 1; 0 when none ended. */
  successRate: number;
  usage?: Usage;
  /** US dollars; absent when nothing was spent, or when a price is not known. */
  costUsd?: number;
  /** When the first task is due that it did not wait for. ISO 8601. */
  dueAt?: string;
  /** Why it ended before the work did; absent when nothing was left to do. */
  stopReason?: StopReason;
}

/**
 * - `stopped`: somebody asked for it
 * - `limit`: it has started as many tasks as it was told to
 * - `failed`: a task ended failed, and it was told to stop at the first that does
 * - `safety`: a safety check tripped
 * - `fatal`: no task can succeed (bad key, unknown model)
 * - `unavailable`: the service will not serve us for now; `resumeAt` (ISO 8601) where it is known
 */
export interface StopReason {
  kind: 'stopped' | 'limit' | 'failed' | 'safety' | 'fatal' | 'unavailable';
  message: string;
  resumeAt?: string;
}
