import type { Pool } from '../model/pool.ts';
import type { Counts } from '../model/task.ts';
import type { Usage } from '../model/usage.ts';
import type { Survey } from '../ports/survey.ts';
import type { LiveRun, StoppedRun } from '../ports/task-store.ts';
import { briefTask } from './brief-task.ts';
import { type RunPace, workOf } from './run-work.ts';
import type { RunsSeen } from './status-lines.ts';

/** What `status --json` prints. */
export interface StatusDocument {
  counts: Counts;
  /** Completed tasks that nothing verified. */
  unverified: number;
  usage: Usage;
  pool?: Pool;
  runs: (LiveRun & RunPace)[];
  lastStop?: StoppedRun;
  /** Those that run, then those that failed: the first `MOST_NAMED` of each. */
  tasks: object[];
}

export function statusDocument(found: Survey, { runs, pool, lastStop }: RunsSeen): StatusDocument {
  const { counts, unverified, usage = { inputTokens: 0, outputTokens: 0, costUsd: 0 } } = found;
  return {
    counts,
    unverified,
    usage,
    ...(pool && { pool }),
    runs: runs.map((run) => ({ ...run, ...workOf(found, run) })),
    ...(lastStop && { lastStop }),
    tasks: [...found.running, ...found.failed].map(briefTask),
  };
}
