import { type Counts, type Task, type TaskStatus, usageOf } from '../model/task.ts';
import { addUsage, type Usage } from '../model/usage.ts';
import type { TaskStore } from '../ports/task-store.ts';
import { type Blocked, blockedOf, unmarkHopeful } from './blocked.ts';
import { RunWorks } from './run-work.ts';

/** One look at the whole store. */
export interface Survey {
  /** When it was, in milliseconds since the epoch. */
  at: number;
  counts: Counts;
  running: Task[];
  failed: Task[];
  blocked: Blocked[];
  /** Pending, not blocked, due now. */
  ready: Task[];
  /** Pending, not blocked, due later. */
  later: Task[];
  unverified: number;
  usage?: Usage;
  works: RunWorks;
}

/** The first that is due of those that are due later. */
export function nextDue({ later }: Pick<Survey, 'later'>): Task | undefined {
  const dueAt = ({ notBefore = '' }: Task) => Date.parse(notBefore);
  return later.reduce<Task | undefined>(
    (first, task) => (first && dueAt(first) <= dueAt(task) ? first : task),
    undefined,
  );
}

export async function survey(store: Pick<TaskStore, 'list'>, now = Date.now()): Promise<Survey> {
  const statuses = new Map<string, TaskStatus>();
  const pending: Task[] = [];
  const found: Survey = {
    at: now,
    counts: { pending: 0, in_progress: 0, completed: 0, failed: 0, blocked: 0, total: 0 },
    running: [],
    failed: [],
    blocked: [],
    ready: [],
    later: [],
    unverified: 0,
    works: new RunWorks(now),
  };
  for await (const task of store.list()) {
    statuses.set(task.id, task.status);
    found.counts[task.status] += 1;
    found.counts.total += 1;
    found.works.see(task);
    found.usage = addUsage(found.usage, usageOf(task));
    if (task.status === 'pending') pending.push(task);
    else if (task.status === 'in_progress') found.running.push(task);
    else if (task.status === 'failed') found.failed.push(task);
    else if (task.verified !== true) found.unverified += 1;
  }
  for (const task of pending) {
    const blocked = blockedOf(task, statuses);
    if (blocked) found.blocked.push(blocked);
    else if (task.notBefore !== undefined && Date.parse(task.notBefore) > now) found.later.push(task);
    else found.ready.push(task);
  }
  found.counts.blocked = found.blocked.length;
  unmarkHopeful(found.blocked);
  return found;
}

/** The same of these tasks alone; what they wait for counts, whatever it is. */
export function narrowed(found: Survey, only: ReadonlySet<string> | undefined): Survey {
  if (!only) return found;
  const isMeant = (task: Task): boolean => only.has(task.id);
  const running = found.running.filter(isMeant);
  const failed = found.failed.filter(isMeant);
  const ready = found.ready.filter(isMeant);
  const later = found.later.filter(isMeant);
  const blocked = found.blocked.filter(({ task }) => isMeant(task));
  const pending = ready.length + later.length + blocked.length;
  const counts: Counts = {
    pending,
    in_progress: running.length,
    completed: only.size - pending - running.length - failed.length,
    failed: failed.length,
    blocked: blocked.length,
    total: only.size,
  };
  return { ...found, counts, running, failed, ready, later, blocked };
}
