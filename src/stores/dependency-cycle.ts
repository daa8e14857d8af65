/**
 * Whether tasks come after themselves, by way of others.
 * @param ids where to look from. @param afterOf the ids that a task comes after.
 * @returns ids each of which comes after the next one, and the last after the first; undefined where there are none.
 */
export function dependencyCycle(
  ids: Iterable<string>,
  afterOf: (id: string) => readonly string[],
): string[] | undefined {
  const done = new Set<string>();
  for (const start of ids) {
    if (done.has(start)) continue;
    const path = [{ id: start, next: 0 }];
    const onPath = new Set([start]);
    for (let last = path.at(-1); last; last = path.at(-1)) {
      const before = afterOf(last.id)[last.next++];
      if (before === undefined) {
        path.pop();
        onPath.delete(last.id);
        done.add(last.id);
      } else if (onPath.has(before)) {
        return path.map(({ id }) => id).slice(path.findIndex(({ id }) => id === before));
      } else if (!done.has(before)) {
        path.push({ id: before, next: 0 });
        onPath.add(before);
      }
    }
  }
  return undefined;
}
