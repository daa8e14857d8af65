import { blockedText } from '../blocked.ts';
import { errorText, isUnverified, SYMBOLS, statusWord } from '../format.ts';
import { firstLine } from '../safe-text.ts';
import type { Paint } from '../terminal.ts';
import { padded } from '../width.ts';
import type { Ended } from './waited.ts';

/** `✗ task-002  failed  rejected: too short` */
export function endedText(ended: Ended, { green, yellow, red }: Paint): string {
  const id = padded(ended.id, 9);
  switch (ended.how) {
    case 'completed':
      return `${(isUnverified(ended.task) ? yellow : green)(`${SYMBOLS.completed} ${id}`)}  ${statusWord(ended.task)}`;
    case 'failed':
      return `${red(`${SYMBOLS.failed} ${id}`)}  failed     ${firstLine(errorText(ended.task))}`;
    case 'blocked':
      return `${yellow(`${SYMBOLS.pending} ${id}`)}  ${blockedText(ended.blocked)}`;
    case 'removed':
      return `${yellow(`! ${id}`)}  removed`;
  }
}
