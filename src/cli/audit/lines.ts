import { age, count, SYMBOLS } from '../format.ts';
import { firstLine } from '../safe-text.ts';
import type { Paint } from '../terminal.ts';
import type { AuditCounts } from './audit.ts';
import type { Audited } from './finding.ts';

const MAX_COLUMNS = 160;

/** What a person is told of a result that does not hold, or of which nobody could tell; undefined for the others. */
export function auditLine(audited: Audited, reopened: boolean, paint: Paint): string | undefined {
  const { task } = audited;
  if (audited.finding === 'fails') {
    const by = audited.evidence?.at(-1)?.verifier ?? 'verifier';
    const word = `no longer holds${reopened ? ', pending again' : ''}`;
    return `${paint.red(`${SYMBOLS.failed} ${task}  ${word}`)}  ${by}: ${firstLine(audited.verdict.feedback, MAX_COLUMNS)}`;
  }
  if (audited.finding !== 'unclear') return undefined;
  return `${paint.yellow(`? ${task}  could not be told`)}  ${firstLine(audited.reason, MAX_COLUMNS)}`;
}

export function summaryLine({ holds, fails, unclear, unchecked, reopened }: AuditCounts): string {
  const parts = [
    `${count(holds, 'result')} ${holds === 1 ? 'holds' : 'hold'}`,
    `${fails} no longer`,
    unclear > 0 && `${unclear} could not be told`,
    unchecked > 0 && `${unchecked} without a check`,
    reopened > 0 && `${reopened} pending again`,
  ];
  return parts.filter(Boolean).join(', ');
}

/** Of an audit that goes on: `12 results audited, 1 no longer holds, 5m`. @param ms how long it has taken. */
export function auditedText(seen: number, bad: number, ms: number): string {
  return `${count(seen, 'result')} audited, ${bad} no longer ${bad === 1 ? 'holds' : 'hold'}, ${age(ms)}`;
}
