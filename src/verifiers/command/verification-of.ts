import type { Verification } from '../../model/result.ts';
import { firstBytes, lastBytes } from '../../process/bounded.ts';
import { describeEnd, lastLines } from '../../process/describe-end.ts';
import type { CommandResult } from '../../process/run-command.ts';

/** Bytes of a check's output that become feedback: the last ones, where test runners sum up. */
const MAX_FEEDBACK_BYTES = 4096;
const MAX_ISSUE_BYTES = 500;

export type Redact = (text: string) => string;

/** What a check's end says about the result. What did not run to its end, or could not be run, has not rejected it. */
export function verificationOf(result: CommandResult, redact: Redact): Verification {
  if (result.type !== 'exited' || result.status === 126 || result.status === 127) {
    const said = lastLines(redact(result.stderr));
    return { inconclusive: true, reason: redact(`the check ${describeEnd(result)}`) + (said && `: ${said}`) };
  }
  if (result.status === 0) return { passed: true, confidence: 1, feedback: '', issues: [] };
  return { passed: false, confidence: 1, ...complaint(result, result.status, redact) };
}

/** Redacted before it is cut, so that no half of a secret slips through. */
function complaint({ stdout, stderr }: CommandResult, status: number, redact: Redact) {
  const said = redact(
    [stdout, stderr]
      .map((text) => text.trim())
      .filter((text) => text !== '')
      .join('\n'),
  );
  if (said === '') return { feedback: `check exited with ${status}`, issues: [] };
  const firstLine = said.split('\n', 1)[0]!.trim();
  return {
    feedback: lastBytes(Buffer.from(said), MAX_FEEDBACK_BYTES),
    issues: [firstBytes(Buffer.from(firstLine), MAX_ISSUE_BYTES)],
  };
}
