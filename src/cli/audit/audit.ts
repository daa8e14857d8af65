import { completeConfig } from '../../core/config.ts';
import { DependencyResults } from '../../core/dependency-results.ts';
import { systemRuntime } from '../../core/runtime.ts';
import { isOrchError, OrchError } from '../../model/errors.ts';
import type { Finding } from '../../model/settlement.ts';
import type { Task } from '../../model/task.ts';
import type { Budget } from '../../ports/budget.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import type { Verifier } from '../../ports/verifier.ts';
import { noteFitted } from '../fitted-lines.ts';
import { configOf } from '../run/parts.ts';
import type { RunSettings } from '../run-options.ts';
import { selectTasks } from '../select.ts';
import { type Audited, auditTask } from './finding.ts';
import { inParallel } from './in-parallel.ts';

export type Completed = Task & { result: string };

/** How many results there were of each kind, and how many went back to pending. */
export type AuditCounts = Record<Audited['finding'] | 'reopened', number>;

export interface AuditOptions {
  settings: RunSettings;
  verifier: Verifier;
  /** Those whose results fail go back to pending. */
  reopen: boolean;
  signal: AbortSignal;
  /** What the judge may cost. Default: there is no limit. */
  budget?: Budget | undefined;
  /** What was found, as it comes. */
  onAudited(audited: Audited, reopened: boolean): void;
}

/** Has the results of completed tasks verified again. What is cut short by the signal is not told of. */
export async function audit(
  store: TaskStore,
  tasks: AsyncIterable<Completed>,
  { settings, verifier, reopen, signal, budget, onAudited }: AuditOptions,
): Promise<AuditCounts> {
  const { concurrency, minConfidence } = completeConfig(configOf(settings));
  const counts: AuditCounts = { holds: 0, fails: 0, unclear: 0, unchecked: 0, reopened: 0 };
  await inParallel(tasks, concurrency, async (task) => {
    if (signal.aborted) return;
    const known = await withKnownResults(store, task);
    const { resultOf } = new DependencyResults(store, known);
    const asking = { signal, resultOf, ...(budget && { budget }) };
    const { audited, finding } = await auditTask(known, verifier, minConfidence, asking, systemRuntime);
    if (signal.aborted && audited.finding === 'unclear') return;
    const reopened = finding !== undefined && reopen && (await reopenTask(store, task, finding));
    counts[audited.finding]++;
    if (reopened) counts.reopened++;
    onAudited(audited, reopened);
  });
  return counts;
}

/** Earlier tasks may have been removed or reset since: whoever needs their results has to do without them. */
async function withKnownResults(store: TaskStore, task: Completed): Promise<Completed> {
  if (!task.after) return task;
  const after: string[] = [];
  for (const id of task.after) if ((await store.get(id))?.status === 'completed') after.push(id);
  return { ...task, after };
}

/** @returns whether it was: somebody may have changed it meanwhile, and then nothing is done. */
async function reopenTask(store: TaskStore, task: Completed, finding: Finding): Promise<boolean> {
  try {
    await store.reopen(task.id, task.result, finding);
    return true;
  } catch (error) {
    if (!isOrchError(error, 'conflict') && !isOrchError(error, 'not-found')) throw error;
    noteFitted(`${task.id} stays as it is: it was changed during the audit`);
    return false;
  }
}

/**
 * The named tasks, or all that are completed; of a range, those of it that are.
 * @throws `not-found`; `conflict`: one that is named is not completed.
 */
export async function* completed(store: TaskStore, words: readonly string[]): AsyncIterable<Completed> {
  for await (const task of selectTasks(store, { words })) {
    if (isDone(task)) yield task;
    else if (words.includes(task.id))
      throw new OrchError('conflict', `Task ${task.id} is ${task.status}; name tasks that are completed`);
  }
}

function isDone(task: Task): task is Completed {
  return task.status === 'completed' && task.result !== undefined;
}
