import { bestAttempt } from '../../model/best-attempt.ts';
import { isCounted, type Task } from '../../model/task.ts';
import type { Blocked } from '../../ports/survey.ts';
import type { LiveRun } from '../../ports/task-store.ts';
import { blockedText } from '../blocked.ts';
import { count, isLeft, isUnverified, LEFT, STATUS_WORDS, SYMBOLS } from '../format.ts';
import type { Paint } from '../terminal.ts';
import { fitted, unbroken } from '../wrap.ts';
import { attemptStory } from './attempt-story.ts';
import { endingLines } from './ending.ts';
import { excerpt } from './excerpt.ts';
import { factLines } from './facts.ts';
import { beginningsOf } from './rounds.ts';

export interface StoryOptions {
  /** Why it cannot run, where that is so. */
  blocked: Blocked | undefined;
  /** The runs that live. */
  runs: readonly LiveRun[];
  paint: Paint;
  /** Milliseconds since the epoch. */
  now: number;
  /** Long texts are shown to their end. */
  isFull: boolean;
  /** Of the screen, at whose end lines are broken between words. Default: there is none. */
  columns?: number;
  /** A command of ours as it has to be typed here. */
  hint(command: string): string;
}

/** Lines of what was given, said or made at an attempt, of a description, and of a result. */
const ATTEMPT_LINES = 10;
const DESCRIPTION_LINES = 20;
const RESULT_LINES = 40;
const FACT_COLUMNS = 300;

/** A task as a person reads it, line by line: what was to be done, each attempt, and what came of it. */
export function storyOf(task: Task, options: StoryOptions): string[] {
  const { blocked, runs, paint, now, isFull, columns = Infinity } = options;
  const atMost = (lines: number) => (isFull ? Infinity : lines);
  const hint = (command: string) => unbroken(options.hint(command));
  const whole = hint(`show ${task.id} --full`);
  const left = isLeft(task, runs);
  const lines = [
    left ? paint.yellow(`${SYMBOLS.in_progress} ${task.id} was ${LEFT}`) : headline(task, blocked, paint),
    ...excerpt(task.description, { indent: '  ', lines: atMost(DESCRIPTION_LINES), whole }),
    '',
    ...factLines(task, now, { most: atMost(FACT_COLUMNS), columns }),
    ...attempts(task, left, { ...options, lines: atMost(ATTEMPT_LINES), whole }),
    ...nextRound(task),
    ...endingLines(task, { paint, hint, lines: atMost(RESULT_LINES) }),
  ];
  return fitted(lines, columns);
}

function attempts(
  task: Task,
  left: boolean,
  { paint, now, lines, whole }: StoryOptions & { lines: number; whole: string },
): string[] {
  const { history, feedback, lease } = task;
  const best = task.status === 'failed' && task.attempts > 1 ? bestAttempt(task) : undefined;
  const beginnings = beginningsOf(task);
  return history.flatMap((attempt, i) => [
    '',
    ...attemptStory(attempt, {
      ...{ before: history[i - 1], beginning: beginnings[i], isBest: attempt === best },
      ...{ isLeft: left, holder: lease?.run, feedback, paint, now, lines, whole },
    }),
  ]);
}

/** What somebody did to a task whose next attempt is still to come. */
function nextRound({ status, attempts, earlierAttempts, history }: Task): string[] {
  if (status !== 'pending' || history.length === 0) return [];
  if (attempts > 0 && attempts === earlierAttempts) {
    return ['', 'Then it was given one more round; its next attempt is told what was wrong.'];
  }
  const isOver =
    attempts === 0 && history.some(({ outcome, error }) => isCounted(outcome) || error === 'reset');
  return isOver ? ['', 'Then the task was started over.'] : [];
}

function headline(task: Task, blocked: Blocked | undefined, paint: Paint): string {
  const colour = { pending: paint.bold, in_progress: paint.cyan, completed: paint.green, failed: paint.red };
  const start = `${SYMBOLS[task.status]} ${task.id}`;
  if (blocked) return paint.yellow(`${start} ${blocked.circle ? '' : 'is '}${blockedText(blocked)}`);
  const attempts = task.attempts === 0 ? '' : ` after ${count(task.attempts, 'attempt')}`;
  if (isUnverified(task)) return paint.yellow(`${start} is completed${attempts}, unverified`);
  const word = task.status === 'failed' ? 'failed' : `is ${STATUS_WORDS[task.status]}`;
  return colour[task.status](`${start} ${word}${attempts}`);
}
