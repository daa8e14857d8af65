import { LATELY_MS, type RunWork, type Survey } from '../ports/survey.ts';
import type { LiveRun } from '../ports/task-store.ts';

/** What a run that lives does. */
export interface RunPace extends Omit<RunWork, 'lately' | 'retried'> {
  /** How many tasks it ended a minute lately. */
  perMinute: number;
}

const NOTHING: RunWork = { held: 0, completed: 0, failed: 0, retried: 0, lately: 0 };

export function workOf({ works, at }: Pick<Survey, 'works' | 'at'>, { id, startedAt }: LiveRun): RunPace {
  const { held, completed, failed, lately } = works.get(id) ?? NOTHING;
  const minutes = Math.min(at - Date.parse(startedAt), LATELY_MS) / 60_000;
  return { held, completed, failed, perMinute: minutes > 0 ? Math.round((10 * lately) / minutes) / 10 : 0 };
}
