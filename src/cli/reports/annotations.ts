import type { Reporter } from '../reporters/reporter.ts';
import { firstLine } from '../safe-text.ts';
import type { Worked, WorkLog } from './work-log.ts';

/** GitHub shows so many errors of a step. */
const MOST = 10;

const TITLE_COLUMNS = 100;
const MESSAGE_CHARACTERS = 1_000;

/** Tells GitHub Actions of failed tasks, so that they stand on the page of the job; of many, the last one says how many more there are. */
export function annotations(log: WorkLog, say: (command: string) => void): Reporter {
  const end = (): void => {
    const failed = log.tasks.filter(({ outcome }) => outcome === 'failed');
    const shown = failed.length > MOST ? failed.slice(0, MOST - 1) : failed;
    for (const task of shown) say(errorCommand(titleOf(task), messageOf(task)));
    const rest = failed.length - shown.length;
    if (rest > 0)
      say(errorCommand('orch', `${rest} more tasks failed; the summary and orch status name them`));
  };
  return { onEvent: () => undefined, end, broke: end };
}

function titleOf({ id, title, kind = 'failed' }: Worked): string {
  const how = kind === 'failed' ? 'failed' : `failed (${kind})`;
  return firstLine(`${id} ${how}: ${title}`, TITLE_COLUMNS);
}

function messageOf({ said = [] }: Worked): string {
  const message = said.join('\n');
  return message.slice(0, MESSAGE_CHARACTERS).toWellFormed() || 'no reason is known';
}

/** A workflow command, as GitHub documents its escapes. */
function errorCommand(title: string, message: string): string {
  return `::error title=${escapeProperty(title)}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
