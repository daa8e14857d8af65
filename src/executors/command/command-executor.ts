import { messageOf } from '../../model/errors.ts';
import { requireMs } from '../../model/expect.ts';
import type { ExecutionResult } from '../../model/result.ts';
import type { Task } from '../../model/task.ts';
import type { ExecutionContext, Executor, Previous } from '../../ports/executor.ts';
import { firstBytes } from '../../process/bounded.ts';
import { requireCommand } from '../../process/require-command.ts';
import { runCommand } from '../../process/run-command.ts';
import { type CommandEnvironment, withTaskFiles } from '../../process/task-files.ts';
import { executionOf } from './execution-of.ts';

export interface CommandExecutorOptions {
  /** Run by `/bin/sh -c`. */
  command: string;
  /** Working directory. Default: this process's own. */
  cwd?: string;
  /** Milliseconds an attempt may take before its process group is ended. Default: 600000 (10 minutes). */
  timeoutMs?: number;
  /** Added to this process's own environment. */
  env?: Record<string, string>;
}

/** Linux takes 128 KiB for one variable; the whole feedback is in ORCH_FEEDBACK_FILE. */
const MAX_FEEDBACK_VARIABLE_BYTES = 64 * 1024;

/**
 * Does a task with a command: its description on stdin (never in an argument, so that data is never code), its stdout
 * the output, byte for byte as far as it is UTF-8.
 *
 * | ends with                           | means |
 * |-------------------------------------|-------|
 * | exit status 0                       | success, `metadata: { exitStatus, stderr? }` |
 * | 75                                  | `transient`: try later |
 * | 126, 127                            | `permanent`: it cannot be run |
 * | any other status, a signal, past its deadline, more than 10 MiB of output | `failed`, with the output so far |
 * | not startable, such as a bad `cwd`  | `fatal`; `transient` where the system is out of processes, files, memory |
 *
 * Its environment has ORCH_TASK_ID, ORCH_ATTEMPT and ORCH_TASK_FILE (the description); from the second attempt on
 * ORCH_FEEDBACK (at most 64 KiB), ORCH_FEEDBACK_FILE and, when there was output, ORCH_PREVIOUS_RESULT_FILE. The files
 * are removed when the attempt ends.
 */
export class CommandExecutor implements Executor {
  readonly #command: string;
  readonly #timeoutMs: number;
  readonly #cwd: string | undefined;
  readonly #env: Record<string, string>;

  /** @throws `usage`: an empty command, or a time-out that is none. */
  constructor({ command, cwd, timeoutMs = 600_000, env = {} }: CommandExecutorOptions) {
    this.#command = requireCommand(command);
    this.#timeoutMs = requireMs('timeoutMs', timeoutMs);
    this.#cwd = cwd;
    this.#env = env;
  }

  async execute(task: Task, { attempt, signal, previous }: ExecutionContext): Promise<ExecutionResult> {
    const feedback = previous && feedbackOf(previous);
    const files = { task: task.description, previous_result: previous?.output, feedback };
    const variables = {
      ORCH_TASK_ID: task.id,
      ORCH_ATTEMPT: String(attempt),
      ...(feedback !== undefined && { ORCH_FEEDBACK: asVariable(feedback) }),
    };
    try {
      return await withTaskFiles(files, async (named) =>
        executionOf(await this.#run(task, { ...named, ...variables }, signal)),
      );
    } catch (thrown) {
      const message = `the files for the command cannot be written, see TMPDIR: ${messageOf(thrown)}`;
      return { success: false, error: { kind: 'transient', message } };
    }
  }

  #run(task: Task, environment: CommandEnvironment, signal: AbortSignal) {
    return runCommand({
      command: this.#command,
      input: task.description,
      cwd: this.#cwd,
      env: { ...this.#env, ...environment },
      timeoutMs: this.#timeoutMs,
      signal,
    });
  }
}

/** The feedback, and the issues that it does not name already. */
function feedbackOf({ feedback, issues }: Previous): string {
  const others = issues.filter((issue) => !feedback.includes(issue));
  return [feedback, ...others.map((issue) => `- ${issue}`)].filter((line) => line !== '').join('\n');
}

/** A variable cannot hold a NUL. */
function asVariable(text: string): string {
  return firstBytes(Buffer.from(text.replaceAll('\0', '')), MAX_FEEDBACK_VARIABLE_BYTES);
}
