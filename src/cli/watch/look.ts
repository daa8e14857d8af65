import { isoTime } from '../../model/clock.ts';
import type { RunEvent } from '../../model/event.ts';
import type { Pool } from '../../model/pool.ts';
import type { Task } from '../../model/task.ts';
import type { Survey } from '../../ports/survey.ts';
import type { LiveRun, TaskStore } from '../../ports/task-store.ts';
import { survey } from '../survey.ts';
import { type Mark, markAt, markOf, whatHappened } from './sightings.ts';

/** One look at a store, and what has happened since the one before. */
export interface Look {
  found: Survey;
  /** The one that lives longest first. */
  runs: LiveRun[];
  pool: Pool | undefined;
  marks: Map<string, Mark>;
  events: RunEvent[];
  /** Of the tasks that ended or were sent back since the first of these runs began; of all, where none lives. */
  since: Survey['done'];
}

export async function lookAt(store: TaskStore, before: Look | undefined, now: number): Promise<Look> {
  const at = isoTime(now);
  const runs = (await store.runs()).toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  const marks = new Map<string, Mark>();
  const events: RunEvent[] = before ? toldSince(before, runs, at) : [];
  const see = (task: Task): void => {
    if (marks.has(task.id)) return;
    events.push(...whatHappened(markBefore(task, before), task, at));
    marks.set(task.id, markOf(task));
  };
  const doneSince = runs[0] && Date.parse(runs[0].startedAt);
  // Whether one is held or left is known by itself alone: all of them are counted.
  const found = await survey(store, {
    mostRunning: Number.POSITIVE_INFINITY,
    doneSince,
    changed: { since: before?.found.at, see },
  });
  for (const task of await givenBack(store, before, marks)) see(task);
  events.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return { found, runs, pool: await store.pool(), marks, events, since: found.done };
}

/** What was held, and is not among what was seen this time, is pending again, or gone. */
async function givenBack(
  store: TaskStore,
  before: Look | undefined,
  marks: ReadonlyMap<string, Mark>,
): Promise<Task[]> {
  const tasks: Task[] = [];
  for (const [id, { token }] of before?.marks ?? []) {
    const task = token !== undefined && !marks.has(id) ? await store.get(id) : undefined;
    if (task) tasks.push(task);
  }
  return tasks;
}

/** One that no earlier look saw was as its history says. */
function markBefore(task: Task, before: Look | undefined): Mark | undefined {
  return before && (before.marks.get(task.id) ?? markAt(task, before.found.at));
}

function toldSince(before: Look, runs: LiveRun[], at: string): RunEvent[] {
  return runs.flatMap(({ id, told }): RunEvent[] => {
    const earlier = before.runs.find((run) => run.id === id)?.told;
    if (told === earlier || (told === 'resume' && earlier === undefined)) return [];
    if (told === 'pause') return [{ event: 'run:pause', at, run: id }];
    return told === 'resume' ? [{ event: 'run:resume', at, run: id }] : [];
  });
}
