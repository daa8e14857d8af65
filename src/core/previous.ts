import { BASE64, isBinary } from '../model/encoding.ts';
import { type Attempt, attemptsSinceReset, type Task } from '../model/task.ts';
import type { Previous } from '../ports/executor.ts';

/**
 * What the next attempt is to know of the last one: its output and what was wrong with it, behind what somebody said who gave the
 * task one more round.
 */
export function previousOf(task: Task): Previous | undefined {
  const { feedback } = task;
  const last = (feedback !== undefined && unjudged(task)) || attemptsSinceReset(task).at(-1);
  if (!last) return feedback === undefined ? undefined : { feedback, issues: [] };
  const found = wasWrong(last) ? [last.verdict?.feedback ?? last.error ?? ''] : [];
  const said = feedback === undefined ? found : [feedback, ...found.filter((text) => text !== '')];
  return {
    output: last.output,
    ...(isBinary(last.metadata) && { encoding: BASE64 }),
    feedback: said.join('\n'),
    issues: wasWrong(last) ? (last.verdict?.issues ?? []) : [],
  };
}

function wasWrong({ outcome }: Attempt): boolean {
  return outcome === 'rejected' || outcome === 'failed';
}

/** The output of an attempt that was not counted, because nobody could judge it. */
function unjudged({ history, attempts }: Task): Attempt | undefined {
  return history.findLast(
    ({ number, outcome, output }) => outcome !== undefined && number === attempts + 1 && output !== undefined,
  );
}
