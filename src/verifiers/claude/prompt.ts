import { type FencedText, fenced, freshName } from '../../claude/fence.ts';
import { filledDescription, type TaskResult } from '../../claude/task-results.ts';
import type { Task } from '../../model/task.ts';
import { numbered } from './criteria.ts';
import { JUDGE_RULES } from './judge-rules.ts';

/** @param instructions how to judge. */
export function judgeSystem(instructions: string): string {
  return `${instructions}\n\n${JUDGE_RULES}`;
}

/** The last words of the message, outside of every fence. */
export const JUDGE_REQUEST = 'Judge the result above.';

/**
 * The texts to judge, in fences of a name that is fresh for each call.
 * @param results of earlier tasks that the description asks for: they stand in it as they stood for the executor.
 */
export function judgePrompt(
  task: Pick<Task, 'description' | 'criteria'>,
  output: string,
  newName?: () => string,
  results: readonly TaskResult[] = [],
): string {
  const criteria = task.criteria?.trim() ? numbered(task.criteria) : undefined;
  const unfenced = [task.description, criteria ?? '', output, ...results.map(({ text }) => text)];
  const name = freshName(unfenced, newName);
  const texts: FencedText[] = [{ label: 'task', text: filledDescription(task, results, name) }];
  if (criteria !== undefined) texts.push({ label: 'criteria', text: criteria });
  texts.push({ label: 'result', text: output });
  return [...texts.map((text) => fenced(text, name)), JUDGE_REQUEST].join('\n\n');
}
