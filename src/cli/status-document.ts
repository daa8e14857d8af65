import type { Pool } from '../model/pool.ts';
import type { Counts } from '../model/task.ts';
import type { Usage } from '../model/usage.ts';
import type { LiveRun, StoppedRun } from '../ports/task-store.ts';
import { briefTask } from './brief-task.ts';
import type { RunWork } from './run-work.ts';
import type { RunsSeen } from './status-lines.ts';
import type { Survey } from './survey.ts';

/** What `status --json` prints. */
export interface StatusDocument {
  counts: Counts;
  /** Completed tasks that nothing verified. */
  unverified: number;
  usage: Usage;
  pool?: Pool;
  runs: (LiveRun & RunWork)[];
  lastStop?: StoppedRun;
  /** Those that run, then those that failed. */
  tasks: object[];
}

export function statusDocument(found: Survey, { runs, pool, lastStop }: RunsSeen): StatusDocument {
  const { counts, unverified, usage = { inputTokens: 0, outputTokens: 0, costUsd: 0 } } = found;
  return {
    counts,
    unverified,
    usage,
    ...(pool && { pool }),
    runs: runs.map((run) => ({ ...run, ...found.works.workOf(run) })),
    ...(lastStop && { lastStop }),
    tasks: [...found.running, ...found.failed].map(briefTask),
  };
}
