import prettyMs from 'pretty-ms';
import type { Task } from '../model/task.ts';
import type { Usage } from '../model/usage.ts';

/** `1 task`, `2 tasks`. */
export function count(n: number, noun: string): string {
  return `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : 's'}`;
}

/** `850ms`, `2.3s`, `1m 20s`. */
export function time(ms: number): string {
  return ms < 60_000
    ? prettyMs(ms, { keepDecimalsOnWholeSeconds: false })
    : prettyMs(ms, { secondsDecimalDigits: 0 });
}

export function money(usd: number): string {
  return `$${usd.toFixed(usd < 1 ? 4 : 2)}`;
}

/** `2026-11-22 07:45:00 UTC` */
export function when(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}

export function usageLine(usage: Usage): string {
  const cached = usage.cacheReadTokens ? `, ${usage.cacheReadTokens.toLocaleString('en')} from cache` : '';
  const cost = usage.costUsd === undefined ? 'cost unknown' : money(usage.costUsd);
  return `${usage.inputTokens.toLocaleString('en')} tokens in${cached}, ${usage.outputTokens.toLocaleString('en')} out, ${cost}`;
}

/** A status as a person reads it: what no verifier passed is said so. */
export function statusWord(task: Task): string {
  if (task.status === 'in_progress') return 'running';
  return isUnverified(task) ? 'completed, unverified' : task.status;
}

export function isUnverified(task: Task): boolean {
  return task.status === 'completed' && task.verified !== true;
}

/** Why a task failed; a kind that only says that it failed is left out. */
export function errorText({ error }: Task): string {
  if (!error) return '';
  return error.kind === 'failed' ? error.message : `${error.kind}: ${error.message}`;
}

export const SYMBOLS = { pending: '·', in_progress: '▶', completed: '✓', failed: '✗' } as const;

/** `a, b, c and 7 more` */
export function nameSome(names: string[], most = 10): string {
  const rest = names.length - most;
  return rest > 0 ? `${names.slice(0, most).join(', ')} and ${rest} more` : names.join(', ');
}
