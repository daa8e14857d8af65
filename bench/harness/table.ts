import type { Suite } from './case.ts';
import type { Outcome } from './rounds.ts';
import { type Spread, spread } from './stats.ts';

/** Names of figures and what heads their column, in this order. */
const COLUMNS: Record<string, string> = {
  addedPerSecond: 'added/s',
  filledPerSecond: 'put in/s',
  tasksPerSecond: 'tasks/s',
  share: 'share of the limit',
  reached: 'of what is reachable',
  refused: '429s',
  lost: 'lost',
  requests: 'requests',
  peak: 'most at once',
  bytesPerTask: 'bytes a task',
  countMs: 'counts, ms',
  surveyMs: 'survey, ms',
  exactCountMs: 'counting jobs, ms',
  startMs: 'add to start, ms',
  startMostMs: 'at most, ms',
  idleStatements: 'statements a minute, idle',
  removedPerSecond: 'removed/s',
  dropMs: 'drop, ms',
  beatMs: 'sign of life, ms',
  serverMbPerRunner: 'server MB a runner',
  joinMs: 'join, ms',
  callsPerSecond: 'calls/s',
  wallMs: 'ms',
  closeMs: 'close, ms',
  peakMb: 'peak MB',
  loadMs: 'load again, ms',
  loadPeakMb: 'load again, peak MB',
};

/** The outcome as Markdown: what each case saw, then what is compared within the rounds. */
export function report(suite: Suite, outcome: Outcome): string {
  const parts = [`## ${suite.title}`, cases(suite, outcome), comparisons(suite, outcome)];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}

function cases(suite: Suite, { rounds, notMeasured, failed }: Outcome): string {
  const used = Object.keys(COLUMNS).filter((key) =>
    rounds.some((round) => [...round.values()].some((figures) => key in figures)),
  );
  const body = suite.cases.map(({ name }) => {
    const seen = used.map((key) => cell(rounds.map((round) => round.get(name)?.[key])));
    return [name, ...seen, remark(name, notMeasured, failed)];
  });
  return markdown(['case', ...used.map((key) => COLUMNS[key] ?? key), 'remark'], body);
}

function remark(name: string, notMeasured: Map<string, string>, failed: Map<string, string>): string {
  if (failed.has(name)) return `failed: ${failed.get(name)}`;
  return notMeasured.has(name) ? `not measured: ${notMeasured.get(name)}` : '';
}

function comparisons(suite: Suite, { rounds }: Outcome): string {
  if (suite.comparisons.length === 0) return '';
  const body = suite.comparisons.map(({ name, value, atLeast, atMost }) => {
    const values = rounds.map(value);
    const seen = spread(present(values));
    const verdict = seen ? met(seen, atLeast, atMost) : '';
    const row = [name, seen ? cell(values) : 'not measured'];
    if (atLeast !== undefined) return [...row, `at least ${number(atLeast)}`, verdict];
    return atMost === undefined ? [...row, '', ''] : [...row, `at most ${number(atMost)}`, verdict];
  });
  return markdown(['within a round', 'median [min..max]', 'wanted', 'median meets it'], body);
}

function met(
  { median }: Spread,
  atLeast = Number.NEGATIVE_INFINITY,
  atMost = Number.POSITIVE_INFINITY,
): string {
  return median >= atLeast && median <= atMost ? 'yes' : 'no';
}

function cell(values: (number | undefined)[]): string {
  const seen = spread(present(values));
  if (!seen) return '';
  if (seen.min === seen.max) return number(seen.median);
  return `${number(seen.median)} [${number(seen.min)}..${number(seen.max)}]`;
}

function present(values: (number | undefined)[]): number[] {
  return values.filter((value) => value !== undefined);
}

/** Three digits; more would claim what noise does not allow. */
function number(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}

function markdown(head: string[], body: string[][]): string {
  const line = (row: string[]): string => `| ${row.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}
