import { redacting } from '../../claude/redaction.ts';
import { requireMs } from '../../model/expect.ts';
import type { Executed, Verification } from '../../model/result.ts';
import type { Task } from '../../model/task.ts';
import type { VerificationContext, Verifier } from '../../ports/verifier.ts';
import type { Redact } from '../../process/redact.ts';
import { requireCommand } from '../../process/require-command.ts';
import { runCommand } from '../../process/run-command.ts';
import { filesFailure } from '../../process/shortage.ts';
import { withTaskFiles } from '../../process/task-files.ts';
import { verificationOf } from './verification-of.ts';

export interface CommandVerifierOptions {
  /** Run by `/bin/sh -c`. Default: each task's own `check`. */
  command?: string;
  /** Working directory. Default: this process's own. */
  cwd?: string;
  /** Milliseconds a check may take before its process group is ended. Default: 120000 (2 minutes). */
  timeoutMs?: number;
  /**
   * Takes secrets out of what is kept of the check's output. Default: the credentials of this process, and what looks like one. `asItIs` takes
   * out nothing.
   */
  redact?: Redact;
}

/**
 * Judges a result by a command: the result on stdin and in ORCH_RESULT_FILE, the description in ORCH_TASK_FILE, and
 * ORCH_TASK_ID. The files are removed when it ends.
 *
 * | ends with                    | means |
 * |------------------------------|-------|
 * | exit status 0                | passed, confidence 1 |
 * | 75                           | `transient`: try later |
 * | 126, 127, 137 (something in it was killed), a signal, past its deadline, more than 10 MiB of output, not startable | could not tell |
 * | not startable for want of processes, open files, memory, room on the disk | `transient` |
 * | not startable for a TMPDIR that cannot be written in | `fatal` |
 * | any other status             | rejected; the last 4096 bytes of its output (stdout, then stderr) are the feedback |
 */
export class CommandVerifier implements Verifier {
  readonly #command: string | undefined;
  readonly #timeoutMs: number;
  readonly #cwd: string | undefined;
  readonly #redact: Redact;

  /** @throws `usage`: an empty command, or a time-out that is none. */
  constructor({ command, cwd, timeoutMs = 120_000, redact = redacting() }: CommandVerifierOptions = {}) {
    this.#command = command === undefined ? undefined : requireCommand(command);
    this.#timeoutMs = requireMs('timeoutMs', timeoutMs);
    this.#cwd = cwd;
    this.#redact = redact;
  }

  /** With a command of its own to every task, otherwise to those that have a check. */
  applies(task: Task): boolean {
    return this.#commandFor(task) !== undefined;
  }

  async verify(task: Task, execution: Executed, context: VerificationContext): Promise<Verification> {
    return { ...(await this.#check(task, execution, context)), isCheck: true };
  }

  async #check(task: Task, { output }: Executed, { signal }: VerificationContext): Promise<Verification> {
    const command = this.#commandFor(task);
    if (command === undefined) return { inconclusive: true, reason: `task ${task.id} has no check` };
    try {
      const result = await withTaskFiles({ id: task.id, task: task.description, result: output }, (env) =>
        runCommand({
          command,
          input: output,
          cwd: this.#cwd,
          env,
          timeoutMs: this.#timeoutMs,
          signal,
        }),
      );
      return verificationOf(result, this.#redact);
    } catch (thrown) {
      return { error: filesFailure(thrown) };
    }
  }

  #commandFor(task: Task): string | undefined {
    return this.#command ?? (task.check?.trim() ? task.check : undefined);
  }
}
