import { circleText } from '../model/circle.ts';
import { OrchError } from '../model/errors.ts';
import type { Lease, Task } from '../model/task.ts';

/** What a table answers when it will not do something. */

export function noSuchTask(id: string): OrchError {
  return new OrchError('not-found', `There is no task ${id}; \`orch list\` shows those there are`);
}

export function leaseLost({ taskId, run }: Lease): OrchError {
  const message = `Task ${taskId} is no longer held by run ${run}: it was cancelled or taken over`;
  return new OrchError('lease-lost', message);
}

export function heldByRun({ id, lease }: Task): OrchError {
  const message = `Task ${id} is being worked on by run ${lease?.run}; wait for it, or cancel the task first`;
  return new OrchError('conflict', message);
}

export function neededBy({ id }: Task, dependent: string): OrchError {
  const message = `Task ${id} is needed by ${dependent}, which is not completed; remove both, or neither`;
  return new OrchError('conflict', message);
}

export function notToRetry({ id, status }: Task): OrchError {
  const why = {
    pending: `Task ${id} is pending already; the next run takes it`,
    in_progress: `Task ${id} was left by a run that is gone; the next run takes it over`,
    completed: `Task ${id} is completed; orch retry ${id} --feedback <text> says what is to be better, orch reset ${id} begins anew`,
    failed: `Task ${id} is failed`,
  };
  return new OrchError('conflict', why[status]);
}

export function provesSomethingElse({ id }: Task, field: string): OrchError {
  const message = `Task ${id} is completed, and its result was given for the ${field} that it has; orch reset ${id} or orch retry ${id} --feedback <text> takes it back first`;
  return new OrchError('conflict', message);
}

/** @param given the tasks that were given, if several were: the first of them that is in it is at fault. */
export function inACircle(circle: readonly string[], given: readonly { id: string }[] = []): OrchError {
  const message = `These tasks would wait for each other in a circle: ${circleText(circle)}; leave out one of these steps`;
  const ids = new Set(circle);
  const index = given.findIndex(({ id }) => ids.has(id));
  return new OrchError('usage', message, index < 0 ? {} : { index });
}

export function otherResult({ id }: Task): OrchError {
  return new OrchError('conflict', `Task ${id} no longer has the result that was judged; judge it again`);
}

export function alreadyEnded({ id, status }: Task): OrchError {
  return new OrchError(
    'conflict',
    `Task ${id} is ${status} already; \`orch reset ${id}\` takes it back to pending`,
  );
}
