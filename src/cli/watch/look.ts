import { isoTime } from '../../model/clock.ts';
import type { RunEvent } from '../../model/event.ts';
import type { Pool } from '../../model/pool.ts';
import type { Attempt, Task } from '../../model/task.ts';
import type { LiveRun, TaskStore } from '../../ports/task-store.ts';
import { type Survey, survey } from '../survey.ts';
import { ADDED, type Mark, markOf, whatHappened } from './sightings.ts';

/** One look at a store, and what has happened since the one before. */
export interface Look {
  found: Survey;
  /** The one that lives longest first. */
  runs: LiveRun[];
  pool: Pool | undefined;
  marks: Map<string, Mark>;
  events: RunEvent[];
  /** Of the tasks that ended or were sent back since the first of these runs began; of all, where none lives. */
  since: { completed: number; failed: number; retried: number };
}

export async function lookAt(store: TaskStore, before: Look | undefined, now: number): Promise<Look> {
  const at = isoTime(now);
  const runs = (await store.runs()).toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  const from = runs[0]?.startedAt ?? '';
  const marks = new Map<string, Mark>();
  const events: RunEvent[] = before ? toldSince(before, runs, at) : [];
  const since = { completed: 0, failed: 0, retried: 0 };
  const see = (task: Task): void => {
    events.push(...whatHappened(markBefore(task, before), task, at));
    marks.set(task.id, markOf(task));
    if (task.status === 'completed' && isSince(task.endedAt, from)) since.completed += 1;
    if (task.status === 'failed' && isSince(task.endedAt, from)) since.failed += 1;
    if (task.history.some((attempt, i) => isSentBack(attempt, i, task) && isSince(attempt.endedAt, from)))
      since.retried += 1;
  };
  const found = await survey({ list: () => eachSeen(store.list(), see) }, now);
  events.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return { found, runs, pool: await store.pool(), marks, events, since };
}

async function* eachSeen(tasks: AsyncIterable<Task>, see: (task: Task) => void): AsyncIterable<Task> {
  for await (const task of tasks) {
    see(task);
    yield task;
  }
}

/** One that came in whole since then, with a history that is older, is seen for the first time. */
function markBefore(task: Task, before: Look | undefined): Mark | undefined {
  const mark = before?.marks.get(task.id);
  const isAdded = before !== undefined && Date.parse(task.createdAt) >= before.found.at;
  return mark ?? (isAdded ? ADDED : undefined);
}

function isSince(time: string | undefined, from: string): boolean {
  return time !== undefined && Date.parse(time) >= (from === '' ? 0 : Date.parse(from));
}

/** Whether it was tried again after this attempt, or will be. */
function isSentBack({ outcome }: Attempt, index: number, { status, history }: Task): boolean {
  const isLast = index === history.length - 1;
  return (outcome === 'rejected' || outcome === 'failed') && !(isLast && status === 'failed');
}

function toldSince(before: Look, runs: LiveRun[], at: string): RunEvent[] {
  return runs.flatMap(({ id, told }): RunEvent[] => {
    const earlier = before.runs.find((run) => run.id === id)?.told;
    if (told === earlier || (told === 'resume' && earlier === undefined)) return [];
    if (told === 'pause') return [{ event: 'run:pause', at, run: id }];
    return told === 'resume' ? [{ event: 'run:resume', at, run: id }] : [];
  });
}
