import { messageOf } from '../../model/errors.ts';
import { agrees, canAsk } from '../ask.ts';
import { count, nameSome } from '../format.ts';
import { note } from '../output.ts';
import { oneLine } from '../safe-text.ts';
import { usage } from '../values.ts';
import type { Checked, TrustedChecks } from './trusted-checks.ts';

/** A task, as far as it matters here. */
export type CheckedTask = Checked & { id: string };

/**
 * Before checks are run: each must be of this user's own, or agreed to. Somebody on a terminal is asked.
 * @param agreed all are, without a question.
 * @returns whether they may run: somebody who is asked may say no.
 * @throws `usage`, which names the tasks: nobody is there to be asked.
 */
export async function requireTrust(
  tasks: readonly CheckedTask[],
  trusted: TrustedChecks,
  agreed: boolean,
): Promise<boolean> {
  const unknown = await trusted.missing(tasks);
  if (unknown.length === 0) return true;
  if (!agreed && !canAsk()) throw notAgreed(unknown);
  if (!agreed && !(await agreesTo(unknown))) return false;
  await remember(unknown, trusted);
  return true;
}

function notAgreed(unknown: readonly CheckedTask[]): Error {
  const names = nameSome(unknown.map(({ id }) => id));
  return usage(
    `${count(unknown.length, 'task')} came with a check that nobody agreed to (${names}); read "check" in orch show, then say --trust`,
  );
}

/** Where that cannot be written down, it holds for this command alone. */
export async function remember(tasks: readonly Checked[], trusted: TrustedChecks): Promise<void> {
  try {
    await trusted.add(tasks);
  } catch (error) {
    note(`${trusted.file} cannot be written (${oneLine(messageOf(error))}): the next run needs --trust`);
  }
}

/** Each is shown whole: nobody agrees to what he has not seen. */
async function agreesTo(tasks: readonly CheckedTask[]): Promise<boolean> {
  const byCheck = Map.groupBy(tasks, ({ check = '' }) => check);
  note(`${count(tasks.length, 'task')} came with a check that nobody agreed to:`);
  for (const [check, those] of byCheck) {
    note(`  ${oneLine(check)}  (${nameSome(those.map(({ id }) => id))})`);
  }
  return agrees('Run these commands on this machine?');
}
