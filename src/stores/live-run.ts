import type { LiveRun, RunInfo, Telling } from '../ports/task-store.ts';

/** A run with what it was told last, if anything. */
export function withTold(run: RunInfo, told: Telling | undefined): LiveRun {
  return told === undefined ? run : { ...run, told: told.command };
}
