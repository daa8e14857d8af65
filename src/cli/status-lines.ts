import type { Pool } from '../model/pool.ts';
import type { Task } from '../model/task.ts';
import type { Survey } from '../ports/survey.ts';
import type { LiveRun, StoppedRun } from '../ports/task-store.ts';
import { blockedText } from './blocked.ts';
import {
  age,
  count,
  errorText,
  isLeft,
  LEFT,
  more,
  number,
  STATUS_WORDS,
  SYMBOLS,
  usageLine,
  when,
} from './format.ts';
import { poolText, runText, stopText } from './run-texts.ts';
import { workOf } from './run-work.ts';
import { firstLine, oneLine } from './safe-text.ts';
import { BAR_ORDER, stateBar } from './state-bar.ts';
import { blockedIn } from './survey.ts';
import { tableLines } from './table.ts';
import type { Paint } from './terminal.ts';
import { joined, wrapped } from './wrap.ts';

export interface StatusOptions {
  /** Problems alone. */
  quiet: boolean;
  paint: Paint;
  columns: number;
  /** Milliseconds since the epoch. */
  now: number;
}

/** What is known of runs beside the tasks. */
export interface RunsSeen {
  runs: LiveRun[];
  pool?: Pool | undefined;
  /** What stopped the run that ended last. */
  lastStop?: StoppedRun | undefined;
}

/** Most tasks of a kind that are named; `orch list` has them all. */
export const MOST = 20;

/** Longest text of a task, in columns, where there is no screen to fit. */
const MOST_COLUMNS = 1_000;

/** Columns that the bar takes at most, and from which on a table has all of its columns. */
const BAR_COLUMNS = 60;
const WIDE_COLUMNS = 70;

/** Continues a line that was broken. */
const INDENT = '  ';

/** The whole store at a glance; on a screen, none of its lines is wider than that. */
export function statusLines(
  found: Survey,
  { runs, pool, lastStop }: RunsSeen,
  options: StatusOptions,
): string[] {
  const { counts, running, failed, later, usage } = found;
  const { quiet, paint, columns, now } = options;
  const isWide = columns >= WIDE_COLUMNS;
  const said = (text: string | undefined) => (text === undefined ? [] : wrapped(text, columns, INDENT));
  const problems = [
    ...part('Failed', failed, counts.failed, (task) => failedRow(task, isWide), options, paint.red),
    ...part(
      'Blocked',
      blockedIn(found),
      counts.blocked,
      (each) => [`${SYMBOLS.pending} ${each.task.id}`, blockedText(each)],
      options,
    ),
    ...(lastStop ? ['', ...said(stopText(lastStop, now))] : []),
  ];
  // Each part begins with a blank line, and this one has nothing above it.
  if (quiet) return problems.slice(1);
  const bar = Number.isFinite(columns) ? stateBar(counts, Math.min(columns, BAR_COLUMNS), paint) : '';
  return [
    ...(bar === '' ? [] : [bar]),
    ...joined(countsOf(found), columns, INDENT),
    ...part(
      'Running',
      running,
      counts.in_progress,
      (task) => runningRow(task, runs, now, isWide),
      options,
      paint.cyan,
    ),
    ...problems,
    ...part('Due later', later, found.laterCount, (task) => laterRow(task, now), options),
    ...(runs.length === 0 ? [] : ['', paint.bold('Runs')]),
    ...runs
      .slice(0, MOST)
      .flatMap((run) =>
        wrapped(runText(run, workOf(found, run), now), columns - 2, '  ').map((line) => `  ${line}`),
      ),
    ...rest(runs.length),
    ...(usage || pool ? [''] : []),
    ...said(usage && `Used ${usageLine(usage)}`),
    ...said(pool && poolText(pool)),
  ];
}

/** A heading, and a line each in a table. @param total how many there are: the first are given. */
function part<T>(
  heading: string,
  items: readonly T[],
  total: number,
  row: (item: T) => string[],
  { columns, paint }: StatusOptions,
  colour = paint.bold,
): string[] {
  if (items.length === 0) return [];
  const lines = tableLines(items.slice(0, MOST).map(row), { columns: columns - 2, mostLines: 2 });
  return ['', paint.bold(heading), ...lines.map((line) => `  ${painted(line, colour)}`), ...rest(total)];
}

/** The symbol alone is painted, so that what is read stays plain. */
function painted(line: string, colour: (text: string) => string): string {
  return colour(line.slice(0, 1)) + line.slice(1);
}

function rest(items: number): string[] {
  return items > MOST ? [`  ${more(items - MOST)}`] : [];
}

function countsOf({ counts, unverified }: Survey): string[] {
  const besides = {
    completed: unverified > 0 ? ` (${number(unverified)} unverified)` : '',
    failed: '',
    in_progress: '',
    pending: counts.blocked > 0 ? ` (${number(counts.blocked)} blocked)` : '',
  };
  const parts = BAR_ORDER.map(
    (status) => `${SYMBOLS[status]} ${number(counts[status])} ${STATUS_WORDS[status]}${besides[status]}`,
  );
  return parts.map((part, i) => (i === 0 ? `${count(counts.total, 'task')}: ${part}` : part));
}

function failedRow(task: Task, isWide: boolean): string[] {
  const attempts = isWide && task.attempts > 0 ? count(task.attempts, 'attempt') : '';
  return [`${SYMBOLS.failed} ${task.id}`, attempts, firstLine(errorText(task), MOST_COLUMNS)];
}

function laterRow(task: Task, now: number): string[] {
  return [
    `${SYMBOLS.pending} ${task.id}`,
    `not before ${when(task.notBefore ?? '', now)}  ${oneLine(task.description, MOST_COLUMNS)}`,
  ];
}

function runningRow(task: Task, runs: LiveRun[], now: number, isWide: boolean): string[] {
  const start = `${SYMBOLS.in_progress} ${task.id}`;
  const what = oneLine(task.description, MOST_COLUMNS);
  const { lease } = task;
  if (!lease || isLeft(task, runs)) return [start, '', '', '', `${LEFT}  ${what}`];
  const attempt = task.attempts === 0 || !isWide ? '' : `attempt ${task.attempts + 1}`;
  return [
    start,
    `for ${age(now - Date.parse(lease.since))}`,
    attempt,
    isWide ? `by ${oneLine(lease.run)}` : '',
    what,
  ];
}
