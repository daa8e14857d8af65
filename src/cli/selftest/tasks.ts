import type { NewTask, Task } from '../../model/task.ts';

/** The tasks of the self-test: each has a result that follows from its description. */

/** @param number of the worker's tasks, from 1 on. @param before id of one that was added before. */
export function newTask(worker: number, number: number, before: string | undefined): NewTask {
  const checked = number % 2 === 1 ? ', to be checked' : '';
  return {
    description: `Task ${number} of worker ${worker}${checked}`,
    priority: number % 3,
    ...(before !== undefined && number % 4 === 0 && { after: [before] }),
  };
}

/** Whether its result waits for a verdict: then it is kept as a checkpoint first. */
export function isChecked({ description }: Task): boolean {
  return description.endsWith('to be checked');
}

export function outputOf({ description }: Pick<Task, 'description'>): string {
  return `The result of: ${description}`;
}
