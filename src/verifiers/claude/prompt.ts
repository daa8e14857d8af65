import { type FencedText, fence } from '../../claude/fence.ts';
import type { Task } from '../../model/task.ts';
import { numbered } from './criteria.ts';
import { JUDGE_RULES } from './judge-rules.ts';

/** @param instructions how to judge. */
export function judgeSystem(instructions: string): string {
  return `${instructions}\n\n${JUDGE_RULES}`;
}

/** The last words of the message, outside of every fence. */
export const JUDGE_REQUEST = 'Judge the result above.';

/** The texts to judge, in fences of a name that is fresh for each call. */
export function judgePrompt(
  task: Pick<Task, 'description' | 'criteria'>,
  output: string,
  newName?: () => string,
): string {
  const texts: FencedText[] = [{ label: 'task', text: task.description }];
  if (task.criteria?.trim()) texts.push({ label: 'criteria', text: numbered(task.criteria) });
  texts.push({ label: 'result', text: output });
  return `${fence(texts, newName)}\n\n${JUDGE_REQUEST}`;
}
