import { hidingKeys, redacting } from '../../claude/redaction.ts';
import { requireMs } from '../../model/expect.ts';
import type { ExecutionResult } from '../../model/result.ts';
import type { Task } from '../../model/task.ts';
import type { ExecutionContext, Executor, Previous } from '../../ports/executor.ts';
import type { Redact } from '../../process/redact.ts';
import { requireCommand } from '../../process/require-command.ts';
import { type CommandResult, runCommand } from '../../process/run-command.ts';
import { filesFailure } from '../../process/shortage.ts';
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
  /**
   * Takes secrets out of what is told of the command's stderr. Default: the credentials of this process, and what looks like one. `asItIs`
   * takes out nothing.
   */
  redact?: Redact;
  /** Takes secrets out of its output, and should leave the rest as it is. Default: the credentials of this process alone. */
  redactOutput?: Redact;
}

/**
 * Does a task with a command: its description on stdin (never in an argument, so that data is never code), its stdout
 * the output, byte for byte as far as it is UTF-8 and no credential.
 *
 * | ends with                           | means |
 * |-------------------------------------|-------|
 * | exit status 0                       | success, `metadata: { exitStatus, stderr? }` |
 * | 75                                  | `transient`: try later |
 * | 126, 127                            | `permanent`: it cannot be run |
 * | any other status, a signal, past its deadline, more than 10 MiB of output | `failed`, with the output so far |
 * | not startable, such as a bad `cwd`, or a TMPDIR that cannot be written in | `fatal` |
 * | not startable for want of processes, open files, memory, room on the disk | `transient` |
 *
 * Its environment has ORCH_TASK_ID, ORCH_ATTEMPT and ORCH_TASK_FILE (the description); from the second attempt on
 * ORCH_FEEDBACK (at most 64 KiB, and left out where the environment is too big for it), ORCH_FEEDBACK_FILE and, when
 * there was output, ORCH_PREVIOUS_RESULT_FILE. The files are removed when the attempt ends.
 */
export class CommandExecutor implements Executor {
  readonly #command: string;
  readonly #timeoutMs: number;
  readonly #cwd: string | undefined;
  readonly #env: Record<string, string>;
  readonly #redact: Redact;
  readonly #redactOutput: Redact;

  /** @throws `usage`: an empty command, or a time-out that is none. */
  constructor(options: CommandExecutorOptions) {
    const { command, cwd, timeoutMs = 600_000, env = {} } = options;
    const { redact = redacting(), redactOutput = hidingKeys() } = options;
    this.#command = requireCommand(command);
    this.#timeoutMs = requireMs('timeoutMs', timeoutMs);
    this.#cwd = cwd;
    this.#env = env;
    this.#redact = redact;
    this.#redactOutput = redactOutput;
  }

  async execute(task: Task, { attempt, signal, previous }: ExecutionContext): Promise<ExecutionResult> {
    const facts = {
      id: task.id,
      attempt,
      task: task.description,
      previous_result: previous?.output,
      feedback: previous && feedbackOf(previous),
    };
    try {
      return await withTaskFiles(facts, async (variables) =>
        executionOf(await this.#run(task, variables, signal), this.#redact, this.#redactOutput),
      );
    } catch (thrown) {
      return { success: false, error: filesFailure(thrown) };
    }
  }

  async #run(task: Task, variables: CommandEnvironment, signal: AbortSignal): Promise<CommandResult> {
    const result = await runCommand({
      command: this.#command,
      input: task.description,
      cwd: this.#cwd,
      env: { ...this.#env, ...variables },
      timeoutMs: this.#timeoutMs,
      signal,
    });
    const tooBig = result.type === 'not-started' && result.code === 'E2BIG';
    if (!tooBig || variables.ORCH_FEEDBACK === undefined) return result;
    return this.#run(task, { ...variables, ORCH_FEEDBACK: undefined }, signal);
  }
}

/** The feedback, and the issues that it does not name already. */
function feedbackOf({ feedback, issues }: Previous): string {
  const others = issues.filter((issue) => !feedback.includes(issue));
  return [feedback, ...others.map((issue) => `- ${issue}`)].filter((line) => line !== '').join('\n');
}
