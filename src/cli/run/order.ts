interface Orderable {
  id: string;
  priority?: number;
  after?: string[];
}

/**
 * In the order in which one slot would take them if each were completed: priority, then age (their order here), and never
 * before what they come after. What is not due is left out, with all that comes after it.
 */
export function inOrder<T extends Orderable>(tasks: T[], isDue: (task: T) => boolean): T[] {
  const inside = new Set(tasks.map((task) => task.id));
  const missing = new Map<string, number>();
  const waiters = new Map<string, number[]>();
  const ready: number[] = [];
  // The place in this list is the task's rank: a smaller one goes first.
  const ranked = tasks
    .map((task, age) => ({ task, age }))
    .sort((a, b) => priorityOf(b.task) - priorityOf(a.task) || a.age - b.age);
  for (const [rank, { task }] of ranked.entries()) {
    const waitsFor = new Set(task.after?.filter((id) => inside.has(id)));
    if (waitsFor.size === 0 && isDue(task)) ready.push(rank);
    missing.set(task.id, waitsFor.size);
    for (const id of waitsFor) waiters.set(id, [...(waiters.get(id) ?? []), rank]);
  }
  const order: T[] = [];
  ready.reverse();
  for (let rank = ready.pop(); rank !== undefined; rank = ready.pop()) {
    const { task } = ranked[rank]!;
    order.push(task);
    for (const waiter of waiters.get(task.id) ?? []) {
      const { task: next } = ranked[waiter]!;
      const left = missing.get(next.id)! - 1;
      missing.set(next.id, left);
      if (left === 0 && isDue(next)) insertDescending(ready, waiter);
    }
  }
  return order;
}

function priorityOf(task: Orderable): number {
  return task.priority ?? 0;
}

function insertDescending(ranks: number[], rank: number): void {
  let [low, high] = [0, ranks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranks[middle]! > rank) low = middle + 1;
    else high = middle;
  }
  ranks.splice(low, 0, rank);
}
