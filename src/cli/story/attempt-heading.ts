import type { Attempt } from '../../model/task.ts';
import { SYMBOLS, when } from '../format.ts';
import type { Paint } from '../terminal.ts';
import type { Beginning } from './rounds.ts';

export interface AttemptStoryOptions {
  /** The one before it. */
  before: Attempt | undefined;
  beginning: Beginning | undefined;
  /** It came closest of those of a failed task. */
  isBest: boolean;
  /** Nobody works on it: its run is gone. */
  isLeft: boolean;
  /** The run that holds the task now. */
  holder: string | undefined;
  /** What somebody said who gave the task one more round. */
  feedback: string | undefined;
  paint: Paint;
  /** Milliseconds since the epoch. */
  now: number;
  /** Lines of a text that are shown. */
  lines: number;
  /** The command that shows all of it. */
  whole: string;
}

/** Which attempt it is, how it ended, and when it began. */
export function heading(
  attempt: Attempt,
  { beginning, isBest, isLeft, before, paint, now }: AttemptStoryOptions,
): string {
  const [symbol, colour, words] = headingWords(attempt, isLeft);
  const again = before?.number === attempt.number && beginning === undefined ? ', once more,' : '';
  const what =
    beginning === 'audit' ? `Audit: the result ${AUDITED}` : `Attempt ${attempt.number}${again} ${words}`;
  const best = isBest ? ' (the best one)' : '';
  return `${paint[colour](symbol)} ${paint.bold(`${what}${best}`)}, ${when(attempt.startedAt, now)}`;
}

const AUDITED = 'that had passed no longer held';

type Heading = [symbol: string, colour: keyof Paint, words: string];

function headingWords({ outcome, verdict, output }: Attempt, isLeft: boolean): Heading {
  switch (outcome) {
    case 'passed':
      return verdict ? [SYMBOLS.completed, 'green', 'passed'] : [SYMBOLS.completed, 'yellow', 'was done'];
    case 'rejected':
      return [SYMBOLS.failed, 'yellow', 'was rejected'];
    case 'failed':
      return [SYMBOLS.failed, 'red', 'failed'];
    case 'unverifiable':
      return ['?', 'yellow', 'could not be judged'];
    case 'interrupted':
      return [SYMBOLS.pending, 'dim', 'was cut short, and does not count'];
    default:
      if (output !== undefined) return [SYMBOLS.in_progress, 'cyan', 'is done, and waits for its verdict'];
      return isLeft ? [SYMBOLS.pending, 'yellow', 'was left'] : [SYMBOLS.in_progress, 'cyan', 'is under way'];
  }
}
