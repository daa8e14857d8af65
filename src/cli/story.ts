import { bestAttempt } from '../model/best-attempt.ts';
import { formatDuration } from '../model/duration.ts';
import { type Attempt, type Task, usageOf } from '../model/task.ts';
import type { LiveRun } from '../ports/task-store.ts';
import { type Blocked, blockedText } from './blocked.ts';
import {
  count,
  errorText,
  isLeft,
  isUnverified,
  LEFT,
  SYMBOLS,
  statusWord,
  usageLine,
  when,
} from './format.ts';
import { oneLine, safeText } from './safe-text.ts';
import type { Paint } from './terminal.ts';

export interface StoryOptions {
  /** Why it cannot run, where that is so. */
  blocked: Blocked | undefined;
  /** The runs that live. */
  runs: readonly LiveRun[];
  paint: Paint;
}

/** A task as a person reads it, line by line. */
export function storyOf(task: Task, { blocked, runs, paint }: StoryOptions): string[] {
  const best = task.status === 'failed' && task.attempts > 1 ? bestAttempt(task) : undefined;
  return [
    isLeft(task, runs)
      ? paint.yellow(`${SYMBOLS.in_progress} ${task.id} was ${LEFT}`)
      : headline(task, blocked, paint),
    ...indented(task.description),
    '',
    ...facts(task),
    ...task.history.flatMap((attempt) => ['', ...attemptLines(attempt, attempt === best, paint)]),
    ...ending(task, paint),
  ];
}

function headline(task: Task, blocked: Blocked | undefined, paint: Paint): string {
  const colour = { pending: paint.bold, in_progress: paint.cyan, completed: paint.green, failed: paint.red };
  const start = `${SYMBOLS[task.status]} ${task.id}`;
  const attempts = task.attempts === 0 ? '' : ` after ${count(task.attempts, 'attempt')}`;
  if (blocked) return paint.yellow(`${start} ${blocked.circle ? '' : 'is '}${blockedText(blocked)}`);
  return (isUnverified(task) ? paint.yellow : colour[task.status])(
    `${start} is ${statusWord(task)}${attempts}`,
  );
}

function facts(task: Task): string[] {
  const metadata = task.metadata && JSON.stringify(task.metadata);
  const usage = usageOf(task);
  const { lease } = task;
  const held =
    lease && `${lease.run}, since ${when(lease.since)}, until ${when(lease.expiresAt)} unless renewed`;
  const rows: [string, string | undefined][] = [
    ['added', when(task.createdAt)],
    ['priority', task.priority === 0 ? undefined : String(task.priority)],
    ['attempts', task.maxAttempts === undefined ? undefined : `at most ${task.maxAttempts}`],
    ['after', task.after?.join(', ')],
    ['not before', task.notBefore && when(task.notBefore)],
    ['criteria', task.criteria],
    ['check', task.check],
    ['tags', task.tags?.join(', ')],
    ['metadata', metadata],
    ['held by', held],
    ['used', usage && usageLine(usage)],
  ];
  return rows.flatMap(([name, value]) => (value ? [`  ${name.padEnd(10)}  ${oneLine(value)}`] : []));
}

function attemptLines(attempt: Attempt, isBest: boolean, paint: Paint): string[] {
  const took = attempt.endedAt && formatDuration(Date.parse(attempt.endedAt) - Date.parse(attempt.startedAt));
  const head = [
    `Attempt ${attempt.number}: ${outcomeWord(attempt)}`,
    when(attempt.startedAt),
    took,
    attempt.run,
    isBest && 'the best one',
  ];
  const model = attempt.metadata?.model;
  const judge = attempt.judge?.model;
  const { verdict, usage } = attempt;
  return [
    paint.bold(head.filter(Boolean).join(', ')),
    ...(typeof model === 'string' ? [`  by ${oneLine(model)}`] : []),
    ...(typeof judge === 'string' ? [`  judged by ${oneLine(judge)}`] : []),
    ...(usage ? [`  used ${usageLine(usage)}`] : []),
    ...(verdict ? [`  ${verdict.passed ? 'passed' : 'rejected'} with confidence ${verdict.confidence}`] : []),
    ...(verdict?.feedback ? indented(verdict.feedback) : []),
    ...(verdict?.issues ?? [])
      .filter((issue) => issue !== verdict?.feedback)
      .flatMap((issue) => indented(`- ${issue}`)),
    ...(attempt.error ? indented(attempt.error) : []),
    ...(attempt.output === undefined ? [] : ['  It gave:', ...indented(attempt.output, '    ')]),
  ];
}

function outcomeWord(attempt: Attempt): string {
  if (attempt.outcome) return attempt.outcome;
  return attempt.output === undefined ? 'under way' : 'done, waits for its verdict';
}

function ending(task: Task, paint: Paint): string[] {
  if (task.error) return ['', paint.red(`It failed: ${oneLine(errorText(task))}`)];
  if (task.result === undefined) return [];
  const sure = task.confidence === undefined ? '' : `, confidence ${task.confidence}`;
  const proof = isUnverified(task) ? 'which nothing verified' : `verified${sure}`;
  return ['', paint.bold(`Result (${proof}):`), ...safeText(task.result).split('\n')];
}

function indented(text: string, by = '  '): string[] {
  return safeText(text.trimEnd())
    .split('\n')
    .map((line) => `${by}${line}`);
}
