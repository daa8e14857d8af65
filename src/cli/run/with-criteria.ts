import type { Task } from '../../model/task.ts';
import type { Executor } from '../../ports/executor.ts';
import type { Verifier } from '../../ports/verifier.ts';

/** The task as it is seen in a run with criteria for tasks that have none of their own. The stored one stays as it is. */
export function withCriteria<T extends Pick<Task, 'criteria'>>(task: T, criteria: string | undefined): T {
  return criteria === undefined || task.criteria?.trim() ? task : { ...task, criteria };
}

/** An executor that sees its tasks so. */
export function executorWithCriteria(executor: Executor, criteria: string | undefined): Executor {
  return { execute: (task, context) => executor.execute(withCriteria(task, criteria), context) };
}

/** A verifier that sees its tasks so. */
export function verifierWithCriteria(verifier: Verifier, criteria: string | undefined): Verifier {
  return {
    verify: (task, execution, context) => verifier.verify(withCriteria(task, criteria), execution, context),
    applies: (task) => verifier.applies?.(task) ?? true,
  };
}
