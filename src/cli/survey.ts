import type { Task, TaskStatus } from '../model/task.ts';
import { addUsage, type Usage } from '../model/usage.ts';
import type { TaskStore } from '../ports/task-store.ts';

/** A pending task that waits for others, and where those stand; one that is gone has no status. */
export interface Blocked {
  task: Task;
  waitsFor: { id: string; status?: TaskStatus }[];
  /** It waits for a failed or vanished task, itself or through others: no run will reach it. */
  forGood: boolean;
}

/** One look at the whole store. */
export interface Survey {
  total: number;
  running: Task[];
  failed: Task[];
  blocked: Blocked[];
  /** Pending, not blocked, due now. */
  ready: Task[];
  /** Pending, not blocked, due later. */
  later: Task[];
  unverified: number;
  usage?: Usage;
}

export async function survey(store: TaskStore, now = Date.now()): Promise<Survey> {
  const statuses = new Map<string, TaskStatus>();
  const pending: Task[] = [];
  const found: Survey = {
    total: 0,
    running: [],
    failed: [],
    blocked: [],
    ready: [],
    later: [],
    unverified: 0,
  };
  let usage: Usage | undefined;
  for await (const task of store.list()) {
    statuses.set(task.id, task.status);
    found.total += 1;
    usage = addUsage(usage, task.usage);
    if (task.status === 'pending') pending.push(task);
    else if (task.status === 'in_progress') found.running.push(task);
    else if (task.status === 'failed') found.failed.push(task);
    else if (task.verified !== true) found.unverified += 1;
  }
  if (usage) found.usage = usage;
  for (const task of pending) {
    const waitsFor = unfinished(task, statuses);
    if (waitsFor.length > 0) found.blocked.push({ task, waitsFor, forGood: false });
    else if (task.notBefore !== undefined && Date.parse(task.notBefore) > now) found.later.push(task);
    else found.ready.push(task);
  }
  markForGood(found.blocked);
  return found;
}

function unfinished(task: Task, statuses: Map<string, TaskStatus>): Blocked['waitsFor'] {
  const waitsFor: Blocked['waitsFor'] = [];
  for (const id of task.after ?? []) {
    const status = statuses.get(id);
    if (status !== 'completed') waitsFor.push(status ? { id, status } : { id });
  }
  return waitsFor;
}

/** Spreads from the failed ones to all that wait for them, directly or not. */
function markForGood(blocked: Blocked[]): void {
  const waiters = new Map<string, Blocked[]>();
  const next: Blocked[] = [];
  for (const each of blocked) {
    for (const { id, status } of each.waitsFor) {
      if (status === undefined || status === 'failed') next.push(each);
      else waiters.set(id, [...(waiters.get(id) ?? []), each]);
    }
  }
  for (let each = next.pop(); each; each = next.pop()) {
    if (each.forGood) continue;
    each.forGood = true;
    next.push(...(waiters.get(each.task.id) ?? []));
  }
}

/** `task-001 (failed), task-002 (gone)` */
export function waitsForText(blocked: Blocked): string {
  return blocked.waitsFor.map(({ id, status }) => `${id} (${status ?? 'gone'})`).join(', ');
}
