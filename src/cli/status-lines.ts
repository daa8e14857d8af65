import { formatDuration } from '../model/duration.ts';
import type { Pool } from '../model/pool.ts';
import type { Task } from '../model/task.ts';
import type { Gauge } from '../ports/safety-check.ts';
import type { LiveRun, StoppedRun } from '../ports/task-store.ts';
import { blockedText } from './blocked.ts';
import { count, errorText, isLeft, LEFT, money, usageLine, when } from './format.ts';
import { cut, firstLine, oneLine } from './safe-text.ts';
import type { Survey } from './survey.ts';
import type { Paint } from './terminal.ts';

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
const MOST = 20;

/** The whole store at a glance. */
export function statusLines(
  found: Survey,
  { runs, pool, lastStop }: RunsSeen,
  options: StatusOptions,
): string[] {
  const { running, failed, blocked, later, usage } = found;
  const problems = [
    ...part('Failed', failed, (task) => `✗ ${task.id}  ${firstLine(errorText(task))}`, options),
    ...part('Blocked', blocked, (each) => `· ${each.task.id}  ${blockedText(each)}`, options),
    ...(lastStop ? ['', stopText(lastStop)] : []),
  ];
  // Each part begins with a blank line, and this one has nothing above it.
  if (options.quiet) return problems.slice(1);
  const due = (task: Task) =>
    `· ${task.id}  not before ${when(task.notBefore ?? '')}  ${oneLine(task.description)}`;
  return [
    countsLine(found),
    ...part('Running', running, (task) => runningText(task, runs, options.now), options),
    ...problems,
    ...part('Due later', later, due, options),
    ...part('Runs', runs, runText, options),
    ...(usage ? ['', `Used ${usageLine(usage)}`] : []),
    ...(pool ? [poolText(pool)] : []),
  ];
}

/** What the runs that live may still spend. */
function poolText({ spentUsd, reservedUsd, capUsd, unpriced }: Pool): string {
  const spent = `${money(spentUsd)}${unpriced ? ' and more, at prices that are not known,' : ''}`;
  const cap = capUsd === undefined ? '' : ` of ${money(capUsd)}`;
  const aside = reservedUsd > 0 ? `, ${money(reservedUsd)} set aside for calls under way` : '';
  return `These runs spent ${spent}${cap}${aside}`;
}

function stopText({ kind, message, resumeAt, run, at }: StoppedRun): string {
  const later = resumeAt ? `; try again after ${when(resumeAt)}` : '';
  return `The last run ended early (${kind}): ${firstLine(message)}${later} (${run}, ${when(at)})`;
}

function part<T>(heading: string, items: T[], text: (item: T) => string, options: StatusOptions): string[] {
  if (items.length === 0) return [];
  const lines = items.slice(0, MOST).map((item) => `  ${cut(text(item), options.columns - 2)}`);
  const rest = items.length - MOST;
  return ['', options.paint.bold(heading), ...lines, ...(rest > 0 ? [`  and ${rest} more`] : [])];
}

function countsLine({ counts, unverified }: Survey): string {
  const parts = [
    `${counts.pending} pending${counts.blocked > 0 ? ` (${counts.blocked} blocked)` : ''}`,
    `${counts.in_progress} running`,
    `${counts.completed} completed${unverified > 0 ? ` (${unverified} unverified)` : ''}`,
    `${counts.failed} failed`,
  ];
  return `${count(counts.total, 'task')}: ${parts.join(', ')}`;
}

function runText({ id, pid, host, startedAt, told, safety }: LiveRun): string {
  // Before the rest, which a narrow terminal cuts. One that was told to go on is as one that was told nothing.
  const word = told === undefined || told === 'resume' ? '' : `told to ${told}, `;
  const limits = safety ? safetyText(safety) : '';
  return `${oneLine(id)}  ${word}${limits}pid ${pid} on ${oneLine(host)}, since ${when(startedAt)}`;
}

function safetyText({ near, leftOut, tripped }: NonNullable<LiveRun['safety']>): string {
  if (tripped !== undefined) return `stopped by a safety check (${oneLine(tripped)}), `;
  const left = leftOut ? `leaves ${count(leftOut.count, 'task')} (${oneLine(leftOut.reason)}), ` : '';
  return left + near.map((gauge) => `${oneLine(gaugeText(gauge))}, `).join('');
}

function gaugeText({ what, used, limit, unit }: Gauge): string {
  if (unit === 'ms') return `${what}: ${formatDuration(used)} of ${formatDuration(limit)}`;
  if (unit === 'share') return `${what}: ${Math.round(used * 100)} of ${Math.round(limit * 100)} %`;
  if (unit === 'usd') return `${what}: ${money(used)} of ${money(limit)}`;
  return `${what}: ${used} of ${limit}`;
}

function runningText(task: Task, runs: LiveRun[], now: number): string {
  const { lease } = task;
  const age = lease
    ? `for ${formatDuration(Math.max(0, now - Date.parse(lease.since)))} by ${lease.run}`
    : '';
  const held = isLeft(task, runs) ? LEFT : age;
  return `▶ ${task.id}  ${held}  ${oneLine(task.description)}`;
}
