import type { RunEvent } from '../../model/event.ts';
import { firstLine, safeText } from '../safe-text.ts';

/** Before each line, so that none is taken for one of ours, nor for a command to whoever reads the log. */
const MARK = '  │ ';

/**
 * What was wrong with an attempt, whole: why it is tried again or failed, the verifier's feedback, and its issues. Nothing where the event's
 * own line, which holds the first line of the reason cut to `room`, says it all.
 */
export function feedbackLines(event: RunEvent, room: number): string[] {
  if (event.event !== 'task:retry' && event.event !== 'task:fail') return [];
  const { feedback, issues } = event.verdict ?? { feedback: '', issues: [] };
  const reason = event.event === 'task:fail' ? event.error.message : event.reason;
  // A rejection's reason is mostly its feedback.
  const texts = [...new Set([reason, feedback])].filter((text) => text.trim() !== '');
  const lines = [...texts.flatMap(linesOf), ...issues.flatMap(issueLines)];
  const isSaid = lines.length === 1 && firstLine(reason, room) === lines[0];
  return isSaid ? [] : lines.map((line) => (MARK + line).trimEnd());
}

function linesOf(text: string): string[] {
  return safeText(text).trim().split('\n');
}

function issueLines(issue: string): string[] {
  return linesOf(issue).map((line, i) => (i === 0 ? `- ${line}` : `  ${line}`));
}
