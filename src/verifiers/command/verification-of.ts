import type { Verification } from '../../model/result.ts';
import { firstBytes, lastBytes } from '../../process/bounded.ts';
import { describeEnd, lastLines } from '../../process/describe-end.ts';
import type { Redact } from '../../process/redact.ts';
import type { CommandEnd, CommandResult } from '../../process/run-command.ts';
import { isShortage } from '../../process/shortage.ts';

/** Bytes of a check's output that become feedback: the last ones, where test runners sum up. */
const MAX_FEEDBACK_BYTES = 4096;
const MAX_ISSUE_BYTES = 500;

/**
 * - 126 and 127 (POSIX shells): it could not be run
 * - 128 + a signal, which a shell ends with whose command was ended by one: HUP, INT, TERM, and KILL, mostly for want of memory. They
 *   come from outside. A signal that a program brings upon itself (ABRT, SEGV, PIPE, ...) may well be what its input deserves.
 */
const NO_VERDICT = [126, 127, 129, 130, 137, 143];

/** What a check's end says about the result. What did not run to its end, or could not be run, has not rejected it. */
export function verificationOf(result: CommandResult, redact: Redact): Verification {
  if (result.type === 'exited' && result.status === 0) {
    return { passed: true, confidence: 1, feedback: '', issues: [] };
  }
  if (result.type === 'exited' && result.status !== 75 && !NO_VERDICT.includes(result.status)) {
    return { passed: false, confidence: 1, ...complaint(result, result.status, redact) };
  }
  const said = lastLines(redact(result.stderr));
  const why = redact(`the check ${describeEnd(result)}`) + (said && `: ${said}`);
  return isForNow(result)
    ? { error: { kind: 'transient', message: why } }
    : { inconclusive: true, reason: why };
}

/** 75 is EX_TEMPFAIL of sysexits.h: "try later". */
function isForNow(end: CommandEnd): boolean {
  return end.type === 'exited' ? end.status === 75 : end.type === 'not-started' && isShortage(end.code);
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
