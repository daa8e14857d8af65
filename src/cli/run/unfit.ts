import { checkpointOf } from '../../model/task.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import { unfitText } from '../../process/unfit.ts';
import { count } from '../format.ts';
import type { RunSettings } from '../run-options.ts';
import { usage } from '../values.ts';

/** Before anything is claimed. @param only of these tasks, where given. @throws `usage`: a command would be given a description that is not for it, as `unfitText` says. */
export async function refuseUnfit(
  store: TaskStore,
  { exec }: RunSettings,
  only?: ReadonlySet<string>,
): Promise<void> {
  if (exec === undefined) return;
  let first: string | undefined;
  let others = 0;
  for await (const task of store.list({ status: 'pending', mentioning: ['{{', '"filledFields":'] })) {
    if (only && !only.has(task.id)) continue;
    const text = checkpointOf(task) ? undefined : unfitText(task, exec);
    if (text !== undefined && first !== undefined) others++;
    first ??= text;
  }
  if (first === undefined) return;
  throw usage(others > 0 ? `${first} (the same is true of ${count(others, 'other task')})` : first);
}
