import type { Task, TaskStatus } from '../model/task.ts';
import type { Blocked } from '../ports/survey.ts';

/** What a pending task waits for; undefined where it is nothing. */
export function blockedOf(task: Task, statuses: ReadonlyMap<string, TaskStatus>): Blocked | undefined {
  const waitsFor = [...new Set(task.after)]
    .map((id) => ({ id, status: statuses.get(id) }))
    .filter(({ status }) => status !== 'completed');
  return waitsFor.length > 0 ? { task, waitsFor, forGood: true } : undefined;
}

/** Takes the mark from all that can still have their turn: all they wait for runs, can run, or can have its turn. */
export function unmarkHopeful(blocked: Blocked[]): void {
  const byId = new Map(blocked.map((each) => [each.task.id, each]));
  const waiters = new Map<Blocked, Blocked[]>();
  const open = new Map<Blocked, number>();
  const hopeful: Blocked[] = [];
  for (const each of blocked) {
    if (each.waitsFor.some(({ status }) => status === undefined || status === 'failed')) continue;
    const others = each.waitsFor.flatMap(({ id }) => byId.get(id) ?? []);
    for (const other of others) {
      if (!waiters.get(other)?.push(each)) waiters.set(other, [each]);
    }
    open.set(each, others.length);
    if (others.length === 0) hopeful.push(each);
  }
  for (let each = hopeful.pop(); each; each = hopeful.pop()) {
    each.forGood = false;
    for (const waiter of waiters.get(each) ?? []) {
      const left = (open.get(waiter) ?? 0) - 1;
      open.set(waiter, left);
      if (left === 0) hopeful.push(waiter);
    }
  }
  nameCircles(blocked, byId);
}

/** Follows one way from each task that is blocked for good, until it comes to an end or to where it has been. */
function nameCircles(blocked: Blocked[], byId: ReadonlyMap<string, Blocked>): void {
  const next = ({ waitsFor }: Blocked) =>
    waitsFor.map(({ id }) => byId.get(id)).find((other) => other?.forGood);
  const seen = new Set<Blocked>();
  for (const start of blocked) {
    const way: Blocked[] = [];
    let at: Blocked | undefined = start.forGood ? start : undefined;
    for (; at && !seen.has(at); at = next(at)) {
      seen.add(at);
      way.push(at);
    }
    const circle = at && way.includes(at) ? way.slice(way.indexOf(at)) : [];
    const ids = circle.map(({ task }) => task.id);
    for (const each of circle) each.circle = ids;
  }
}
