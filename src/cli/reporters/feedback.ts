import type { RunEvent } from '../../model/event.ts';
import { firstLine, safeText } from '../safe-text.ts';
import { verdictTexts } from '../verdict-texts.ts';
import { width } from '../width.ts';
import { fitted } from '../wrap.ts';

/** Before each line, so that none is taken for one of ours, nor for a command to whoever reads the log. */
const MARK = '  │ ';

/**
 * What was wrong with an attempt, whole: why it is tried again or failed, the verifier's feedback, and its issues. Nothing where the event's
 * own line, which holds the first line of the reason cut to `room`, says it all.
 * @param columns of the screen, at whose end lines are broken between words; `Infinity` where there is none.
 */
export function feedbackLines(event: RunEvent, room: number, columns: number): string[] {
  if (event.event !== 'task:retry' && event.event !== 'task:fail') return [];
  const reason = event.event === 'task:fail' ? event.error.message : event.reason;
  const lines = verdictTexts(event.verdict, reason).flatMap(linesOf);
  const isSaid = lines.length === 1 && firstLine(reason, room) === lines[0];
  return isSaid ? [] : fitted(lines, columns - width(MARK)).map((line) => (MARK + line).trimEnd());
}

function linesOf(text: string): string[] {
  return safeText(text).trim().split('\n');
}
