/**
 * A circle that can be reached from one of these ids: ids of which each waits for the next, and the last for the first. Undefined where
 * there is none. Takes as long as there are ids and edges, and any length of way.
 * @param next the ids that one waits for.
 */
export function findCircle(
  starts: Iterable<string>,
  next: (id: string) => Iterable<string>,
): string[] | undefined {
  const done = new Set<string>();
  for (const start of starts) {
    // The way from the start to where we are, each with what is left of its own ways on.
    const way = new Map<string, Iterator<string>>();
    const steps: string[] = [];
    const enter = (id: string) => {
      steps.push(id);
      way.set(id, next(id)[Symbol.iterator]());
    };
    if (!done.has(start)) enter(start);
    for (let at = steps.at(-1); at !== undefined; at = steps.at(-1)) {
      const step = way.get(at)!.next();
      if (step.done) {
        way.delete(at);
        done.add(at);
        steps.pop();
      } else if (way.has(step.value)) {
        return steps.slice(steps.indexOf(step.value));
      } else if (!done.has(step.value)) {
        enter(step.value);
      }
    }
  }
  return undefined;
}

/** `a -> b -> a` */
export function circleText(circle: readonly string[]): string {
  const shown = circle.length > 10 ? [...circle.slice(0, 9), '...', ...circle.slice(-1)] : circle;
  return [...shown, circle[0]].join(' -> ');
}
