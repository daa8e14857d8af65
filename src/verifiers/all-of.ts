import { messageOf, OrchError } from '../model/errors.ts';
import type { Executed, Verification } from '../model/result.ts';
import type { Task } from '../model/task.ts';
import { addUsage, type Usage } from '../model/usage.ts';
import type { Verdict } from '../model/verdict.ts';
import type { VerificationContext, Verifier } from '../ports/verifier.ts';

/**
 * A verifier that passes what all of these pass. They are asked one after the other, in the order given (the cheapest
 * first), each only about tasks that it applies to. The first answer that is not a pass is the answer, and no later
 * one is asked. When all passed, the confidence is the smallest, and the feedback what each of them said.
 *
 * The usage of all that were asked is added up, also where one of them throws: that is "could not tell".
 *
 * @throws `usage`: no verifier was given.
 */
export function allOf(...verifiers: Verifier[]): Verifier {
  if (verifiers.length === 0)
    throw new OrchError('usage', 'Expected allOf to get at least one verifier, got none');
  const applicable = (task: Task) => verifiers.filter((verifier) => verifier.applies?.(task) ?? true);
  return {
    applies: (task) => applicable(task).length > 0,
    verify: (task, execution, context) => askInTurn(applicable(task), task, execution, context),
  };
}

async function askInTurn(
  verifiers: Verifier[],
  task: Task,
  execution: Executed,
  context: VerificationContext,
): Promise<Verification> {
  const passed: Verdict[] = [];
  let usage: Usage | undefined;
  for (const verifier of verifiers) {
    if (context.signal.aborted) return withUsage({ inconclusive: true, reason: 'aborted' }, usage);
    const answer = await ask(verifier, task, execution, context);
    usage = addUsage(usage, answer.usage);
    if (!('passed' in answer && answer.passed)) return withUsage(answer, usage);
    passed.push(answer);
  }
  if (passed.length === 0) return { inconclusive: true, reason: `no verifier applies to task ${task.id}` };
  return withUsage(together(passed), usage);
}

async function ask(
  verifier: Verifier,
  task: Task,
  execution: Executed,
  context: VerificationContext,
): Promise<Verification> {
  try {
    return await verifier.verify(task, execution, context);
  } catch (thrown) {
    return { inconclusive: true, reason: messageOf(thrown) };
  }
}

function together(passed: Verdict[]): Verdict {
  const feedback = passed.map((verdict) => verdict.feedback).filter((text) => text !== '');
  const confidence = Math.min(...passed.map((verdict) => verdict.confidence));
  return { passed: true, confidence, feedback: feedback.join('\n'), issues: [] };
}

function withUsage(answer: Verification, usage: Usage | undefined): Verification {
  return usage ? { ...answer, usage } : answer;
}
