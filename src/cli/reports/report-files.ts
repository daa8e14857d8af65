import { appendFileSync, statSync } from 'node:fs';
import { messageOf } from '../../model/errors.ts';
import type { Survey } from '../../ports/survey.ts';
import { failAtExit } from '../exit-codes.ts';
import { noteFitted } from '../fitted-lines.ts';
import { requireWritable, writeLines } from '../output-file.ts';
import type { Reporter } from '../reporters/reporter.ts';
import { meaningOf } from '../system-error.ts';

/** GitHub takes so many bytes of a step's summary, and shows nothing of a longer one. */
const STEP_BYTES = 1 << 20;

/** Makes the text of a report when the run is over; `left`: what the store holds then, undefined where that cannot be said. */
export type ReportText = (left: Survey | undefined) => string;

/**
 * A report that is written, whole or not at all, when the run is over. One that cannot be written then is told, and the exit code is 1
 * where it would be 0: whoever asked for it must not take an older file for it.
 * @throws `usage`: it cannot be written.
 */
export function reportFile(path: string, text: ReportText): Reporter {
  requireWritable(path);
  const write = async (left?: Survey): Promise<void> => {
    try {
      await writeLines(path, linesOf(text(left)));
    } catch (error) {
      noteFitted(messageOf(error));
      failAtExit();
    }
  };
  return { onEvent: () => undefined, end: write, broke: () => write() };
}

/** The same at the end of a file that others write to, too. Nobody asked for it, so that a failure changes nothing. */
export function appendedReport(path: string, text: ReportText): Reporter {
  const append = (left?: Survey): void => {
    try {
      const report = text(left);
      const before = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      if (before + Buffer.byteLength(report) > STEP_BYTES)
        noteFitted(`The summary was left out: ${path} would be longer than GitHub shows`);
      else appendFileSync(path, report);
    } catch (error) {
      noteFitted(
        `The summary could not be added to ${path}: ${meaningOf(error)}; --no-summary leaves it out`,
      );
    }
  };
  return { onEvent: () => undefined, end: append, broke: () => append() };
}

async function* linesOf(text: string): AsyncGenerator<string> {
  yield text.replace(/\n$/, '');
}
