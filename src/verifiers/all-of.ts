import { messageOf, OrchError } from '../model/errors.ts';
import type { Executed, Judged, Verification } from '../model/result.ts';
import type { Task } from '../model/task.ts';
import { addUsage, type Usage } from '../model/usage.ts';
import type { Evidence } from '../model/verdict.ts';
import type { VerificationContext, Verifier } from '../ports/verifier.ts';
import { type Passed, PassedVerdicts } from './passed-verdicts.ts';

/**
 * A verifier that passes what all of these pass. They are asked one after the other, in the order given (the cheapest
 * first), each only about tasks that it applies to. The first answer that is not a pass is the answer, and no later
 * one is asked. When all passed, the confidence is the smallest, the feedback what each of them said, and `metadata` has what
 * each says of itself; where two use one key, that of the later one. `evidence` has each verdict by its verifier's name, the last one
 * that of a rejection; what could not tell gave none.
 *
 * The usage of all that were asked is added up, also where one of them throws: that is "could not tell".
 *
 * While the answer is open (one could not tell, or could not be reached for now), those that passed are remembered:
 * when the same output of the task comes again, they are not asked, nor paid, a second time.
 *
 * @throws `usage`: no verifier was given.
 */
export function allOf(...verifiers: Verifier[]): Verifier {
  if (verifiers.length === 0)
    throw new OrchError('usage', 'Expected allOf to get at least one verifier, got none');
  const applicable = (task: Task) => verifiers.filter((verifier) => verifier.applies?.(task) ?? true);
  const memory = new PassedVerdicts();
  return {
    applies: (task) => applicable(task).length > 0,
    async verify(task, execution, context) {
      const before = memory.of(task, execution.output);
      const { answer, passed } = await askInTurn(applicable(task), before, task, execution, context);
      if (isOpen(answer)) memory.keep(task, execution.output, passed);
      else memory.forget(task);
      return answer;
    },
  };
}

async function askInTurn(
  verifiers: Verifier[],
  before: Passed,
  task: Task,
  execution: Executed,
  context: VerificationContext,
): Promise<{ answer: Verification; passed: Passed }> {
  const passed: Passed = new Map();
  const evidence: Evidence[] = [];
  let usage: Usage | undefined;
  const end = (answer: Verification) => ({
    answer: { ...answer, ...(usage && { usage }), ...(evidence.length > 0 && { evidence }) },
    passed,
  });
  for (const verifier of verifiers) {
    let answer: Verification | undefined = before.get(verifier);
    if (!answer) {
      if (context.signal.aborted) return end({ inconclusive: true, reason: 'aborted' });
      answer = await ask(verifier, task, execution, context);
      usage = addUsage(usage, answer.usage);
    }
    if (!('passed' in answer)) return end(answer);
    const { usage: _, ...verdict } = answer;
    evidence.push(...evidenceOf(verifier, verdict));
    if (!answer.passed) return end(answer);
    passed.set(verifier, verdict);
  }
  if (passed.size === 0) return end({ inconclusive: true, reason: `no verifier applies to task ${task.id}` });
  return end(together([...passed.values()]));
}

async function ask(
  verifier: Verifier,
  task: Task,
  execution: Executed,
  context: VerificationContext,
): Promise<Verification> {
  try {
    const answer: unknown = await verifier.verify(task, execution, context);
    if (typeof answer === 'object' && answer !== null) return answer as Verification;
    return { inconclusive: true, reason: 'the verifier gave no answer' };
  } catch (thrown) {
    return { inconclusive: true, reason: messageOf(thrown) };
  }
}

/** One that asks others itself names them. */
function evidenceOf(
  { name = 'verifier' }: Verifier,
  { evidence, isCheck: _, ...verdict }: Judged,
): Evidence[] {
  return evidence ?? [{ verifier: name, ...verdict }];
}

/** Whether the same question may come again. */
function isOpen(answer: Verification): boolean {
  return 'inconclusive' in answer || ('error' in answer && answer.error?.kind === 'transient');
}

function together(passed: Judged[]): Judged {
  const feedback = passed.map((verdict) => verdict.feedback).filter((text) => text !== '');
  const confidence = Math.min(...passed.map((verdict) => verdict.confidence));
  const metadata = Object.assign({}, ...passed.map((verdict) => verdict.metadata));
  const named = Object.keys(metadata).length > 0 && { metadata };
  const byChecks = passed.every(({ isCheck }) => isCheck) && { isCheck: true as const };
  return { passed: true, confidence, feedback: feedback.join('\n'), issues: [], ...named, ...byChecks };
}
