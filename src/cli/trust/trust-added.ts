import type { NewTask } from '../../model/task.ts';
import type { Context } from '../context.ts';
import { remember } from './require-trust.ts';
import { hasCheck, TrustedChecks } from './trusted-checks.ts';

/**
 * Before tasks are added, so that a run which is waiting for them knows it: this user's own checks may be run.
 * @param own those of the tasks whose checks are.
 * @returns how many of the tasks have a check that nobody agreed to.
 */
export async function trustAdded(tasks: NewTask[], own: NewTask[], context: Context): Promise<number> {
  if (!tasks.some(hasCheck)) return 0;
  const trusted = new TrustedChecks(context.store, context.env);
  await remember(own, trusted);
  return (await trusted.missing(tasks)).length;
}
