import type { Task, TaskError, TaskStatus } from '../model/task.ts';
import type { Ahead, Survey } from '../ports/survey.ts';
import { isFinal, type LiveRun, type StoppedRun } from '../ports/task-store.ts';
import { isLeft } from './format.ts';
import { blockedIn } from './survey.ts';

/** A task that another one waits for, directly or through others; one that is gone has no status. */
export interface Link {
  id: string;
  status?: TaskStatus;
  /** What it waits for itself. */
  waitsFor?: string[];
  /** Why it failed. */
  error?: TaskError;
  /** The run that holds it. */
  run?: string;
  /** Where it is due later. ISO 8601. */
  notBefore?: string;
}

/** Something that keeps a task from running now. Times are ISO 8601. */
export type Obstacle =
  | { reason: 'completed'; since?: string }
  | { reason: 'failed'; since?: string; error?: TaskError }
  | { reason: 'running'; run: string; since: string; until: string }
  /** Its run is gone: the next one takes it over. */
  | { reason: 'left' }
  /** `chain` has all that is unfinished, nearest first; `circle` those that wait for each other, itself among them. */
  | { reason: 'blocked'; forGood: boolean; circle?: string[]; chain: Link[] }
  | { reason: 'not-due'; notBefore: string }
  /** Tasks that could start now and come first: of higher priority, and older ones of the same. */
  | { reason: 'behind'; higher: number; older: number }
  /** Runs live, and none of them starts anything. */
  | { reason: 'paused'; runs: string[] }
  | { reason: 'stopping'; runs: string[] }
  /** Runs start tasks, and each of them only some: what was named, or so many. Whether this one, they do not say. */
  | { reason: 'selective'; runs: string[] }
  | { reason: 'no-run'; lastStop?: StoppedRun };

export interface Explanation {
  id: string;
  status: TaskStatus;
  /** Empty: the next free slot takes it. */
  obstacles: Obstacle[];
}

/** What is known of the store. */
export interface Surroundings {
  /** Of the task and all that it comes after, at least. */
  found: Survey;
  /** What is claimed before it. */
  ahead: Ahead;
  runs: readonly LiveRun[];
  lastStop: StoppedRun | undefined;
}

/** Why a task is not running now; for one that is, who runs it. All that stands before it, not the first thing alone. */
export function explain(task: Task, { found, ahead, runs, lastStop }: Surroundings): Explanation {
  const explained = (obstacles: Obstacle[]) => ({ id: task.id, status: task.status, obstacles });
  const { lease, endedAt: since } = task;
  if (task.status === 'completed') return explained([{ reason: 'completed', ...(since && { since }) }]);
  if (task.status === 'failed') {
    const { error } = task;
    return explained([{ reason: 'failed', ...(since && { since }), ...(error && { error }) }]);
  }
  if (isLeft(task, runs)) return explained([{ reason: 'left' }, ...nobodyWorks(runs, lastStop)]);
  if (lease)
    return explained([{ reason: 'running', run: lease.run, since: lease.since, until: lease.expiresAt }]);
  return explained([...waits(task, found, ahead), ...nobodyWorks(runs, lastStop)]);
}

function waits(task: Task, found: Survey, { higher, older }: Ahead): Obstacle[] {
  const obstacles: Obstacle[] = [];
  const blocked = blockedIn(found).find((each) => each.task.id === task.id);
  if (blocked) {
    const { forGood, circle } = blocked;
    obstacles.push({ reason: 'blocked', forGood, ...(circle && { circle }), chain: chainOf(task, found) });
  }
  const { notBefore } = task;
  if (notBefore !== undefined && Date.parse(notBefore) > found.at)
    obstacles.push({ reason: 'not-due', notBefore });
  if (obstacles.length > 0) return obstacles;
  return higher + older > 0 ? [{ reason: 'behind', higher, older }] : [];
}

function nobodyWorks(runs: readonly LiveRun[], lastStop: StoppedRun | undefined): Obstacle[] {
  const isStopping = ({ told, safety }: LiveRun) => isFinal(told) || safety?.tripped !== undefined;
  if (runs.length === 0) return [{ reason: 'no-run', ...(lastStop && { lastStop }) }];
  const staying = runs.filter((run) => !isStopping(run));
  const going = staying.filter(({ told }) => told !== 'pause');
  if (going.some(({ selective }) => !selective)) return [];
  if (going.length > 0) return [{ reason: 'selective', runs: going.map(({ id }) => id) }];
  if (staying.length > 0) return [{ reason: 'paused', runs: staying.map(({ id }) => id) }];
  return [{ reason: 'stopping', runs: runs.map(({ id }) => id) }];
}

/** Each unfinished task that this one waits for, directly or not, once, nearest first. */
function chainOf(task: Task, found: Survey): Link[] {
  const { ready, later, running, failed } = found;
  const blocked = blockedIn(found);
  const unfinished = [...blocked.map((each) => each.task), ...ready, ...later, ...running, ...failed];
  const byId = new Map(unfinished.map((each) => [each.id, each]));
  const waitsFor = new Map(blocked.map((each) => [each.task.id, each.waitsFor.map(({ id }) => id)]));
  const ids = new Set(waitsFor.get(task.id));
  // A set that grows while it is gone through is gone through to its end.
  for (const id of ids) for (const next of waitsFor.get(id) ?? []) ids.add(next);
  return [...ids].map((id) => linkOf(id, byId.get(id), waitsFor.get(id), found.at));
}

function linkOf(id: string, task: Task | undefined, waitsFor: string[] | undefined, now: number): Link {
  if (!task) return { id };
  const { status, error, lease, notBefore } = task;
  const isLater = status === 'pending' && notBefore !== undefined && Date.parse(notBefore) > now;
  return {
    id,
    status,
    ...(waitsFor && { waitsFor }),
    ...(error && { error }),
    ...(lease && { run: lease.run }),
    ...(isLater && { notBefore }),
  };
}
