import { OrchError } from '../../../model/errors.ts';
import { atFault } from '../../at-fault.ts';

/** What the queue's column holds. */
const MOST = 2 ** 31 - 1;

/** What is no number at all is found where the whole task is checked. @throws `usage`, with the `index` of the task at fault */
export function checkPriorities(tasks: readonly { priority?: number }[]): void {
  for (const [index, { priority }] of tasks.entries()) atFault(index, () => checkPriority(priority));
}

/** @throws `usage` */
export function checkPriority(priority: number | undefined): void {
  if (!Number.isFinite(priority) || (Number.isInteger(priority) && Math.abs(Number(priority)) <= MOST))
    return;
  const message = `A store on Postgres takes whole numbers from -${MOST} to ${MOST} as priorities, not ${priority}`;
  throw new OrchError('usage', message);
}
