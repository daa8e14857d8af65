import { bestOutput } from '../../model/best-attempt.ts';
import { resultMetadata } from '../../model/encoding.ts';
import type { Task, TaskErrorKind } from '../../model/task.ts';
import { isUnverified } from '../format.ts';
import { firstLine } from '../safe-text.ts';
import type { Paint } from '../terminal.ts';
import { readable } from './attempt-story.ts';
import { excerpt } from './excerpt.ts';

export interface EndingOptions {
  paint: Paint;
  lines: number;
  /** A command of ours as it has to be typed here. */
  hint(command: string): string;
}

/** How a task ended, and what to type next. */
export function endingLines(task: Task, options: EndingOptions): string[] {
  if (task.error) return ['', ...failure(task, options)];
  return task.result === undefined ? [] : ['', ...result(task, task.result, options)];
}

const WHY: Record<TaskErrorKind, string> = {
  rejected: 'its last result was rejected, and it gets no more attempts',
  failed: 'its last attempt did, and it gets no more',
  repeated: 'it gave a rejected result once more, so that further attempts would be wasted',
  permanent: 'no attempt could do better',
  unverifiable: 'nobody could tell whether its result is right',
  crashed: 'three runs died with it, one after the other',
  cancelled: 'somebody cancelled it',
};

function failure(task: Task, { paint, hint }: EndingOptions): string[] {
  const { kind, message } = task.error!;
  const last = task.history.at(-1);
  const isSaid = [last?.error, last?.verdict?.feedback, kind].includes(message) || kind === 'crashed';
  const why = isSaid ? '' : `: ${firstLine(message)}`;
  const best =
    bestOutput(task) === undefined
      ? ''
      : `; ${hint(`show ${task.id} --result --any`)} prints its best output`;
  return [
    paint.red(`It failed: ${WHY[kind]}${why}`),
    `Next: ${hint(`retry ${task.id}`)} gives it one more round, and keeps what was learned${best}`,
  ];
}

function result(task: Task, text: string, { paint, lines, hint }: EndingOptions): string[] {
  const sure = task.confidence === undefined ? '' : `, confidence ${task.confidence}`;
  const proof = isUnverified(task) ? 'which nothing verified' : `verified${sure}`;
  const whole = hint(`show ${task.id} --result`);
  return [
    paint.bold(`Result (${proof}):`),
    ...excerpt(readable(text, resultMetadata(task)), { indent: '', lines, whole }),
  ];
}
