import { BASE64 } from '../../model/encoding.ts';
import type { FailureKind } from '../../model/failure.ts';
import type { ExecutionResult } from '../../model/result.ts';
import { lastBytes } from '../../process/bounded.ts';
import { describeEnd, lastLines } from '../../process/describe-end.ts';
import { asItIs, type Redact } from '../../process/redact.ts';
import type { CommandEnd, CommandResult } from '../../process/run-command.ts';
import { isShortage } from '../../process/shortage.ts';

/** Bytes of stderr that are kept with the attempt. */
const KEPT_STDERR_BYTES = 4096;

/**
 * What a command's end means for its task: exit status 0 is success; for the rest see `kindOf`. What it says of stderr
 * is redacted before it is cut, so that no half of a secret slips through.
 */
export function executionOf(
  result: CommandResult,
  redact: Redact = asItIs,
  redactOutput: Redact = asItIs,
): ExecutionResult {
  const stderr = redact(result.stderr);
  const { output, ...encoding } = outputOf(result, redactOutput);
  const metadata = { ...statusOf(result), ...stderrOf(stderr), ...encoding };
  if (result.type === 'exited' && result.status === 0) return { success: true, output, metadata };
  const said = lastLines(stderr);
  const message = redact(`the command ${describeEnd(result)}`) + (said && `: ${said}`);
  return { success: false, error: { kind: kindOf(result), message }, output: output || undefined, metadata };
}

/** What is no UTF-8 is taken byte for byte, as Latin-1, to be redacted: credentials are ASCII. */
function outputOf({ stdout, binary }: CommandResult, redact: Redact): { output: string; encoding?: string } {
  if (!binary) return { output: redact(stdout) };
  const kept = Buffer.from(redact(binary.toString('latin1')), 'latin1');
  return { output: kept.toString(BASE64), encoding: BASE64 };
}

/**
 * - exit status 75 (EX_TEMPFAIL of sysexits.h): "try later"
 * - 126 and 127 (POSIX shells: found but not executable, not found): no attempt can do better
 * - not started: no task can, except where the system was out of something for the moment
 */
function kindOf(end: CommandEnd): FailureKind {
  if (end.type === 'not-started') return isShortage(end.code) ? 'transient' : 'fatal';
  if (end.type !== 'exited') return 'failed';
  if (end.status === 75) return 'transient';
  return end.status === 126 || end.status === 127 ? 'permanent' : 'failed';
}

function statusOf(end: CommandEnd): { exitStatus?: number; signal?: string } {
  if (end.type === 'exited') return { exitStatus: end.status };
  return end.type === 'signalled' ? { signal: end.signal } : {};
}

function stderrOf(stderr: string): { stderr?: string } {
  return stderr === '' ? {} : { stderr: lastBytes(Buffer.from(stderr), KEPT_STDERR_BYTES) };
}
