import type { Task, TaskEdit } from '../../model/task.ts';
import { sealWith } from '../../verifiers/command/seal.ts';
import type { Context } from '../context.ts';
import { Sealer } from '../input/seal-checks.ts';
import { remember } from '../trust/require-trust.ts';
import { TrustedChecks } from '../trust/trusted-checks.ts';
import { usage } from '../values.ts';

/**
 * The edit with the seal of its check. One that is given may be run from now on; of one that was there, nobody says so who names files
 * alone. Files that were sealed before stay sealed as they were, unless others are named.
 * @throws `usage`: a file cannot be read, or there is no check that could use it.
 */
export async function withSeal(
  task: Task,
  edit: TaskEdit,
  files: readonly string[],
  context: Context,
): Promise<TaskEdit> {
  if (edit.check === undefined && files.length === 0) return edit;
  const check = edit.check === undefined ? task.check : edit.check;
  if (!check) {
    if (files.length > 0) throw usage('--check-file names what a check uses; the task has none');
    return { ...edit, seal: null };
  }
  const seal =
    files.length > 0
      ? (await Sealer.of(files, context.store)).sealOf(check)
      : sealWith(check, task.seal?.files ?? {});
  const trusted = new TrustedChecks(context.store, context.env);
  const isOwn = edit.check !== undefined || (await trusted.has(task));
  if (isOwn) await remember([{ check, seal }], trusted);
  return { ...edit, seal };
}
