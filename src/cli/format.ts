import { isoTime } from '../model/clock.ts';
import { formatDuration } from '../model/duration.ts';
import type { Task, TaskStatus } from '../model/task.ts';
import type { Usage } from '../model/usage.ts';
import type { LiveRun } from '../ports/task-store.ts';

/** `1,250`. */
export function number(n: number): string {
  return n.toLocaleString('en');
}

/** `1 task`, `2 tasks`. */
export function count(n: number, noun: string): string {
  return `${number(n)} ${noun}${n === 1 ? '' : 's'}`;
}

export function money(usd: number): string {
  return `$${usd.toFixed(usd < 1 ? 4 : 2)}`;
}

/** How long something is still to last, in milliseconds, rounded up to a second: `1m5s`. */
export function wholeSeconds(ms: number): string {
  return formatDuration(Math.ceil(ms / 1000) * 1000);
}

/** How long something has gone on, in milliseconds: full seconds alone, `0s` before the first. */
export function age(ms: number): string {
  return formatDuration(Math.max(0, Math.floor(ms / 1000) * 1000));
}

/** How long something took that is over, in milliseconds: the same, and `under 1s`. */
export function took(ms: number): string {
  return ms < 1000 ? 'under 1s' : age(ms);
}

const DAY_MS = 86_400_000;

const DAY_NAMES: Record<string, string> = { '-1': 'yesterday', 0: 'today', 1: 'tomorrow' };

/**
 * A point in time as people read it, wherever it is printed: `today at 07:45 UTC`, `3 May at 07:45 UTC`; the year where it is another.
 * @param now milliseconds since the epoch.
 */
export function when(iso: string, now = Date.now()): string {
  const time = Date.parse(iso);
  const days = Math.floor(time / DAY_MS) - Math.floor(now / DAY_MS);
  return `${DAY_NAMES[days] ?? date(time, yearOf(time) !== yearOf(now))} at ${clock(time)}`;
}

/** The same in a file that is read on another day: `3 May 2026 at 07:45 UTC`. */
export function whenKept(iso: string): string {
  const time = Date.parse(iso);
  return `${date(time, true)} at ${clock(time)}`;
}

/** The next full minute, where a time must not be shown as an earlier one. ISO 8601. */
export function fullMinute(iso: string): string {
  return isoTime(Math.ceil(Date.parse(iso) / 60_000) * 60_000);
}

/** How long a lease has been held, and will be. @param now milliseconds since the epoch. */
export function leaseText({ since, until }: { since: string; until: string }, now = Date.now()): string {
  return `since ${when(since, now)}, ${wholeSeconds(Math.max(0, Date.parse(until) - now))} more unless renewed`;
}

function date(time: number, withYear: boolean): string {
  const year = withYear ? ({ year: 'numeric' } as const) : {};
  return new Date(time).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    timeZone: 'UTC',
    ...year,
  });
}

function yearOf(time: number): number {
  return new Date(time).getUTCFullYear();
}

function clock(time: number): string {
  return `${new Date(time).toISOString().slice(11, 16)} UTC`;
}

export function usageLine(usage: Usage): string {
  const cached = usage.cacheReadTokens ? `, ${usage.cacheReadTokens.toLocaleString('en')} from cache` : '';
  const possible = usage.possibleUsd ? `, ${possibly(usage.possibleUsd)}` : '';
  return `${usage.inputTokens.toLocaleString('en')} tokens in${cached}, ${usage.outputTokens.toLocaleString('en')} out, ${costText(usage)}${possible}`;
}

export function costText({ costUsd }: Usage): string {
  return costUsd === undefined ? 'cost unknown' : money(costUsd);
}

/** What may have been billed besides. */
export function possibly(usd: number): string {
  return `at most ${money(usd)} more for answers that were lost`;
}

/** A status as a person reads it. */
export const STATUS_WORDS: Record<TaskStatus, string> = {
  pending: 'pending',
  in_progress: 'running',
  completed: 'completed',
  failed: 'failed',
};

/** The same of a task: what no verifier passed is said so. */
export function statusWord(task: Task): string {
  return isUnverified(task) ? 'completed, unverified' : STATUS_WORDS[task.status];
}

/** Whether its run is gone: nobody works on it, and the next run takes it over. */
export function isLeft({ status, lease }: Task, runs: readonly LiveRun[]): boolean {
  return status === 'in_progress' && !runs.some(({ id }) => id === lease?.run);
}

export const LEFT = 'left by a run that is gone; the next run takes it over';

export function isUnverified(task: Task): boolean {
  return task.status === 'completed' && task.verified !== true;
}

/** Why a task failed; a kind that says nothing more is left out. */
export function errorText({ error }: Pick<Task, 'error'>): string {
  if (!error) return '';
  const { kind, message } = error;
  return kind === 'failed' || kind === message ? message : `${kind}: ${message}`;
}

/** How a line begins: of a task in such a state, or of a note about the run. */
export const SYMBOLS = { pending: '·', in_progress: '▶', completed: '✓', failed: '✗', note: '·' } as const;

/** `a, b, c and 7 more` */
export function nameSome(names: string[], most = 10): string {
  return nameFirst(names, names.length, most);
}

/** The same of a list that may have been cut short. @param all how many there are. */
export function nameFirst(names: string[], all: number, most = 10): string {
  const named = names.slice(0, most);
  const rest = all - named.length;
  return rest > 0 ? `${named.join(', ')} ${more(rest)}` : named.join(', ');
}

/** Ids that a person may be asked to type. */
export const MOST_TYPED = 10;

/** Of a list that was cut short. */
export function more(rest: number): string {
  return `and ${rest.toLocaleString('en')} more`;
}
