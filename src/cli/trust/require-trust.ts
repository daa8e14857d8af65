import { agrees, canAsk } from '../ask.ts';
import { count, nameSome } from '../format.ts';
import { note } from '../output.ts';
import { written } from '../safe-text.ts';
import { meaningOf } from '../system-error.ts';
import { usage } from '../values.ts';
import type { Checked, TrustedChecks } from './trusted-checks.ts';

/** A task, as far as it matters here. */
export type CheckedTask = Checked & { id: string };

/** What is said of commands that nobody agreed to. */
export interface TrustWords {
  /** `2 tasks came with a check`, of the number of those that are meant. */
  subject(count: number): string;
  /** What to do where nobody can be asked. */
  wayOut: string;
}

const OF_TASKS: TrustWords = {
  subject: (number) => `${count(number, 'task')} came with a check`,
  wayOut: 'read "check" in orch show, then say --trust',
};

/**
 * Before checks are run: each must be of this user's own, or agreed to. Somebody on a terminal is asked.
 * @param agreed all are, without a question. @param words default: of tasks.
 * @returns whether they may run: somebody who is asked may say no.
 * @throws `usage`, which names the tasks: nobody is there to be asked.
 */
export async function requireTrust(
  tasks: readonly CheckedTask[],
  trusted: TrustedChecks,
  agreed: boolean,
  words: TrustWords = OF_TASKS,
): Promise<boolean> {
  const unknown = await trusted.missing(tasks);
  if (unknown.length === 0) return true;
  if (!agreed && !canAsk()) throw notAgreed(unknown, words);
  if (!agreed && !(await agreesTo(unknown, words))) return false;
  await remember(unknown, trusted);
  return true;
}

function notAgreed(unknown: readonly CheckedTask[], { subject, wayOut }: TrustWords): Error {
  const names = nameSome(unknown.map(({ id }) => id));
  return usage(`${subject(unknown.length)} that nobody agreed to (${names}); ${wayOut}`);
}

/** Where that cannot be written down, it holds for this command alone. */
export async function remember(tasks: readonly Checked[], trusted: TrustedChecks): Promise<void> {
  await orWarn(() => trusted.add(tasks), trusted);
}

/** The same by their digests. */
export async function rememberDigests(digests: ReadonlySet<string>, trusted: TrustedChecks): Promise<void> {
  await orWarn(() => trusted.addDigests(digests), trusted);
}

async function orWarn(write: () => Promise<void>, trusted: TrustedChecks): Promise<void> {
  try {
    await write();
  } catch (error) {
    note(`${trusted.file} cannot be written (${meaningOf(error)}): the next run needs --trust`);
  }
}

/** Each is shown whole: nobody agrees to what he has not seen. */
async function agreesTo(tasks: readonly CheckedTask[], { subject }: TrustWords): Promise<boolean> {
  const byCheck = Map.groupBy(tasks, ({ check = '' }) => check);
  note(`${subject(tasks.length)} that nobody agreed to:`);
  for (const [check, those] of byCheck) {
    note(`  ${written(check)}  (${nameSome(those.map(({ id }) => id))})`);
  }
  return agrees('Run these commands on this machine?');
}
