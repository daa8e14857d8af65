import type { StopReason } from '../../model/event.ts';
import type { Survey } from '../../ports/survey.ts';
import { blockedText } from '../blocked.ts';
import { count, money, more, number, SYMBOLS, whenKept } from '../format.ts';
import { endText, headline, nothingRan } from '../reporters/summary.ts';
import { markdownCode, markdownTable, markdownText } from './markdown-text.ts';
import { type Named, notReached } from './not-reached.ts';
import { reportText } from './report-text.ts';
import type { Worked, WorkLog } from './work-log.ts';

/** Most rows of a table, and how long a text in a cell may be, in columns: GitHub takes 1 MiB for all of a step. */
const MOST_ROWS = 100;
const MOST_NOT_REACHED = 10;
const TITLE_COLUMNS = 80;
const REASON_COLUMNS = 300;

export interface MarkdownSummaryOptions {
  /** What the store holds now; undefined: it could not be used any more. */
  left: Survey | undefined;
  /** It was a rehearsal on a copy. Default: it was not. */
  isCopy?: boolean;
  /** A command of ours as it has to be typed here. */
  hint(command: string): string;
}

/** The run for a person who reads Markdown: what came of it, what failed and why, and what to do. */
export function markdownSummary(
  log: WorkLog,
  { left, isCopy = false, hint }: MarkdownSummaryOptions,
): string {
  const { stats, tasks } = log;
  if (!stats) return '';
  const failed = tasks.filter(({ outcome }) => outcome === 'failed');
  const { stuck: blocked = [], stuckCount = 0 } = left ?? {};
  const retried = tasks.filter((task) => task.outcome === 'completed' && task.retriedFor !== undefined);
  const unverified = tasks.filter(({ outcome, verified }) => outcome === 'completed' && !verified).length;
  // A column that would be empty says nothing.
  const cost = failed.some(({ usage }) => usage) ? ['cost'] : [];
  const isBad = failed.length > 0 || stuckCount > 0 || !left;
  const ran = stats.processed > 0 || !left ? headline(stats, unverified) : nothingRan(left, stats, hint);
  const parts = [
    `## ${isBad ? SYMBOLS.failed : SYMBOLS.completed} orch: ${title(log, left, failed.length, stuckCount)}`,
    markdownText(ran),
    ...(isCopy ? ['Simulated, on a copy: the store stays as it is.'] : []),
    ...(left
      ? []
      : [
          '**The store could not be used any more.** The log of the job says why; what is here is what was known by then.',
        ]),
    ...(left && stats.stopReason ? [stopText(stats.stopReason, left)] : []),
    ...section('Failed', failed, failed.length, ['task', 'what', 'attempts', ...cost, 'why'], (task) => [
      ...nameCells(task),
      String(task.attempts),
      ...cost.map(() => costCell(task)),
      why(task),
    ]),
    ...section('Blocked for good', blocked, stuckCount, ['task', 'what', 'why'], ({ task, ...each }) => [
      ...nameCells({ id: task.id, title: reportText(task.description) }),
      markdownText(reportText(blockedText({ task, ...each })), REASON_COLUMNS),
    ]),
    ...notReachedSection(notReached(log, left)),
    ...section(
      'Mended',
      retried,
      retried.length,
      ['task', 'what', 'attempts', 'what was wrong before'],
      (task) => [
        ...nameCells(task),
        String(task.attempts),
        markdownText(task.retriedFor ?? '', REASON_COLUMNS),
      ],
    ),
    ...nextSteps(isCopy ? undefined : failed[0]?.id, hint),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** In a few words: what is bad, or else what is done. */
function title(log: WorkLog, left: Survey | undefined, failed: number, blocked: number): string {
  const { stats, tasks } = log;
  const bad = [failed > 0 && `${number(failed)} failed`, blocked > 0 && `${number(blocked)} blocked`].filter(
    Boolean,
  );
  if (!left) return 'the store broke';
  if (bad.length > 0) return `${bad.join(', ')} of ${count(tasks.length + blocked, 'task')}`;
  if (stats?.stopReason) return 'ended early';
  if (tasks.length > 0) return `${count(tasks.length, 'task')} done`;
  const open = all(notReached(log, left));
  return open > 0 ? `${count(open, 'task')} not reached` : 'nothing to do';
}

/** Why it ended early, and what to do about it. */
function stopText(stopReason: StopReason, left: Survey): string {
  return `**Ended early (${stopReason.kind}):** ${markdownText(reportText(endText(stopReason, left, whenKept)))}. ${WAYS_ON[stopReason.kind]}`;
}

const WAYS_ON: Record<StopReason['kind'], string> = {
  fatal: 'No task could have succeeded: mend that, and run again.',
  safety:
    'What is done is kept. See why tasks fail, or raise the limit, and run again: it goes on with what is left.',
  unavailable: 'What is done is kept, and what is left was not counted. Run again later.',
  failed:
    'The others were left as they are: mend that one, give it one more round by `orch retry`, and run again.',
  stopped: 'What is done is kept.',
  limit: 'Run again: it goes on with what is left.',
};

function section<T>(
  heading: string,
  items: readonly T[],
  total: number,
  heads: readonly string[],
  cells: (item: T) => string[],
): string[] {
  if (items.length === 0) return [];
  const table = markdownTable(heads, items.slice(0, MOST_ROWS).map(cells)).join('\n');
  const rest = total - Math.min(items.length, MOST_ROWS);
  return [`### ${heading}`, table, ...(rest > 0 ? [more(rest)] : [])];
}

/** How many there are, and the first few of them. */
function notReachedSection(named: Named): string[] {
  const { tasks, more: rest } = named;
  if (tasks.length === 0) return [];
  const few = tasks.slice(0, MOST_NOT_REACHED);
  const cells = few.map((task) => [...nameCells(task), markdownText(task.why, REASON_COLUMNS)]);
  const hidden = tasks.length - few.length + rest;
  return [
    '### Not reached',
    `${count(all(named), 'task')}, left as before.`,
    markdownTable(['task', 'what', 'why'], cells).join('\n'),
    ...(hidden > 0 ? [more(hidden)] : []),
  ];
}

function all({ tasks, more: rest }: Named): number {
  return tasks.length + rest;
}

function nameCells({ id, title: what }: Pick<Worked, 'id' | 'title'>): string[] {
  return [markdownText(id), markdownText(what, TITLE_COLUMNS)];
}

function costCell({ usage }: Worked): string {
  if (!usage) return '';
  return usage.costUsd === undefined ? 'unknown' : markdownText(money(usage.costUsd));
}

function why(task: Worked): string {
  const { kind = 'failed', reason = '', said = [] } = task;
  const how = kind === 'failed' || kind === reason ? [] : [`${kind}:`];
  return markdownText([...how, ...said].join(' '), REASON_COLUMNS);
}

function nextSteps(failed: string | undefined, hint: (command: string) => string): string[] {
  if (failed === undefined) return [];
  const [show, retry] = [`show ${failed}`, `retry ${failed}`].map((command) => markdownCode(hint(command)));
  return [`${show} tells all of it; ${retry} gives it one more round in the next run.`];
}
