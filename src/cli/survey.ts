import type { Blocked, Survey, SurveyRequest } from '../ports/survey.ts';
import type { TaskStore } from '../ports/task-store.ts';

/** Tasks of a kind that are named at most, unless somebody asks for more: however many there are, they take no long time to look at. */
export const MOST_NAMED = 1000;

/** One look at the whole store, or at some of its tasks. */
export function survey(
  store: Pick<TaskStore, 'survey'>,
  request: Partial<SurveyRequest> = {},
): Promise<Survey> {
  return store.survey({ most: MOST_NAMED, ...request });
}

/** What waits for others: first those that do for good. */
export function blockedIn({ stuck, hopeful }: Survey): Blocked[] {
  return [...stuck, ...hopeful];
}

/** How many tasks runs could do by now: what is blocked for good or due later is left out, since nobody knows when that is done, if ever. */
export function doable({ counts, stuckCount, laterCount }: Survey): number {
  return Math.max(0, counts.pending + counts.in_progress - stuckCount - laterCount);
}
