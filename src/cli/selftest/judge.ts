import type { Task } from '../../model/task.ts';
import { Dossier } from './dossier.ts';
import { outputOf } from './tasks.ts';
import type { ToldBy } from './told.ts';
import type { Violation } from './violation.ts';

/**
 * Holds what the workers told against what the store has in the end. Pure.
 * @param told in any order.
 * @param tasks of the store; undefined: it could not be read, or the work was not brought to its end.
 */
export function judge(told: readonly ToldBy[], tasks: readonly Task[] | undefined): Violation[] {
  const dossiers = new Map<string, Dossier>();
  const dossierOf = (id: string): Dossier => {
    const dossier = dossiers.get(id) ?? new Dossier(id);
    dossiers.set(id, dossier);
    return dossier;
  };
  const violations: Violation[] = [];
  for (const each of told.toSorted((one, other) => one.at - other.at)) {
    if (each.kind === 'trouble') {
      violations.push({ rule: 'store', message: `Worker ${each.worker} failed: ${each.message}` });
    } else if (each.kind === 'added') {
      for (const { id, description } of each.tasks) dossierOf(id).added.push({ ...each, description });
    } else if ('id' in each) dossierOf(each.id).take(each);
  }
  for (const dossier of dossiers.values()) violations.push(...dossier.violations());
  if (tasks) violations.push(...endsOf(dossiers, tasks));
  return violations;
}

function* endsOf(dossiers: ReadonlyMap<string, Dossier>, tasks: readonly Task[]): Generator<Violation> {
  const there = new Map(tasks.map((task) => [task.id, task]));
  for (const [id, { added, completed }] of dossiers) {
    const task = there.get(id);
    const description = added[0]?.description;
    if (!task) {
      if (description !== undefined || completed.length > 0) {
        yield { rule: 'lost', task: id, message: 'It was acknowledged, and is gone' };
      }
    } else if (description !== undefined && description !== task.description) {
      const message = `It was acknowledged as "${description}", and is "${task.description}" now`;
      yield { rule: 'lost', task: id, message };
    }
  }
  for (const task of tasks) yield* endOf(task);
}

function* endOf(task: Task): Generator<Violation> {
  const { id, status, error, result, history } = task;
  if (status !== 'completed') {
    const why = error ? `: ${error.kind}: ${error.message}` : '';
    yield { rule: 'unfinished', task: id, message: `It is ${status} in the end${why}` };
    return;
  }
  if (result !== outputOf(task)) {
    yield { rule: 'result', task: id, message: `Its result is ${JSON.stringify(result)} in the end` };
  }
  const passes = history.filter(({ outcome }) => outcome === 'passed').length;
  if (passes !== 1) {
    yield { rule: 'twice', task: id, message: `Its history shows that it was completed ${passes} times` };
  }
}
