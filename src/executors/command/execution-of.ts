import type { FailureKind } from '../../model/failure.ts';
import type { ExecutionResult } from '../../model/result.ts';
import { lastBytes } from '../../process/bounded.ts';
import { describeEnd, lastLines } from '../../process/describe-end.ts';
import type { CommandEnd, CommandResult } from '../../process/run-command.ts';

/** Bytes of stderr that are kept with the attempt. */
const KEPT_STDERR_BYTES = 4096;

/** What a command's end means for its task: exit status 0 is success; for the rest see `kindOf`. */
export function executionOf(result: CommandResult): ExecutionResult {
  const metadata = { ...statusOf(result), ...stderrOf(result) };
  const { stdout: output } = result;
  if (result.type === 'exited' && result.status === 0) return { success: true, output, metadata };
  const said = lastLines(result.stderr);
  const message = `the command ${describeEnd(result)}${said && `: ${said}`}`;
  return { success: false, error: { kind: kindOf(result), message }, ...(output && { output }), metadata };
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

/** Too many processes or open files, or too little memory. */
function isShortage(code: string | undefined): boolean {
  return code !== undefined && ['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM'].includes(code);
}

function statusOf(end: CommandEnd): { exitStatus?: number; signal?: string } {
  if (end.type === 'exited') return { exitStatus: end.status };
  return end.type === 'signalled' ? { signal: end.signal } : {};
}

function stderrOf({ stderr }: CommandResult): { stderr?: string } {
  return stderr === '' ? {} : { stderr: lastBytes(Buffer.from(stderr), KEPT_STDERR_BYTES) };
}
