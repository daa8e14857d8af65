import { hidingKeys, redacting } from '../../claude/redaction.ts';
import { outputBytes } from '../../model/encoding.ts';
import { requireMs } from '../../model/expect.ts';
import type { ExecutionResult } from '../../model/result.ts';
import type { Task } from '../../model/task.ts';
import type { ExecutionContext, Executor, Previous } from '../../ports/executor.ts';
import type { Redact } from '../../process/redact.ts';
import { requireCommand } from '../../process/require-command.ts';
import { runTaskCommand } from '../../process/run-task-command.ts';
import { filesFailure } from '../../process/shortage.ts';
import { withTaskFiles } from '../../process/task-files.ts';
import { unfitText } from '../../process/unfit.ts';
import { executionOf } from './execution-of.ts';

export interface CommandExecutorOptions {
  /** Run by `/bin/sh -c`. */
  command: string;
  /** Working directory. Default: this process's own. */
  cwd?: string;
  /** Milliseconds an attempt may take before its process group is ended. Default: 600000 (10 minutes). */
  timeoutMs?: number;
  /** Milliseconds without a byte on stdout or stderr after which it is ended. Default: none. */
  idleTimeoutMs?: number;
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
 * the output, byte for byte but for credentials. One that is no UTF-8 is given in base64, and `metadata.encoding` says so.
 *
 * | ends with                           | means |
 * |-------------------------------------|-------|
 * | exit status 0                       | success, `metadata: { exitStatus, stderr? }` |
 * | 75                                  | `transient`: try later |
 * | 126, 127                            | `permanent`: it cannot be run |
 * | not run: the description has a placeholder for a result | `permanent`: nothing is filled into what a command is given |
 * | any other status, a signal, past its deadline, idle for too long, more than 10 MiB of output | `failed`, with the output so far |
 * | not startable, such as a bad `cwd`, or a TMPDIR that cannot be written in | `fatal` |
 * | not startable for want of processes, open files, memory, room on the disk | `transient` |
 *
 * Its environment has ORCH_TASK_ID, ORCH_ATTEMPT and ORCH_TASK_FILE (the description); from the second attempt on
 * ORCH_FEEDBACK (at most 64 KiB, and left out where the environment is too big for it), ORCH_FEEDBACK_FILE and, when
 * there was output, ORCH_PREVIOUS_RESULT_FILE. Each field of the task's metadata is in ORCH_METADATA_<FIELD> (see `metadataVariables`), all of
 * it as JSON in ORCH_TASK_METADATA_FILE, the result of each task that it comes after in ORCH_AFTER_<ID>_FILE, and the paths of all of them by
 * id, as JSON, in ORCH_TASK_AFTER_FILE. The files are removed when the attempt ends.
 */
export class CommandExecutor implements Executor {
  readonly #command: string;
  readonly #timeoutMs: number;
  readonly #idleMs: number | undefined;
  readonly #cwd: string | undefined;
  readonly #env: Record<string, string>;
  readonly #redact: Redact;
  readonly #redactOutput: Redact;

  /** @throws `usage`: an empty command, or a time-out that is none. */
  constructor(options: CommandExecutorOptions) {
    const { command, cwd, timeoutMs = 600_000, idleTimeoutMs, env = {} } = options;
    const { redact = redacting(), redactOutput = hidingKeys() } = options;
    this.#command = requireCommand(command);
    this.#timeoutMs = requireMs('timeoutMs', timeoutMs);
    this.#idleMs = idleTimeoutMs === undefined ? undefined : requireMs('idleTimeoutMs', idleTimeoutMs);
    this.#cwd = cwd;
    this.#env = env;
    this.#redact = redact;
    this.#redactOutput = redactOutput;
  }

  async execute(
    task: Task,
    { attempt, signal, previous, resultOf }: ExecutionContext,
  ): Promise<ExecutionResult> {
    const unfit = unfitText(task, this.#command);
    if (unfit !== undefined) return { success: false, error: { kind: 'permanent', message: unfit } };
    const facts = {
      id: task.id,
      attempt,
      task: task.description,
      previous_result:
        previous?.output === undefined ? undefined : outputBytes(previous.output, { ...previous }),
      feedback: previous && feedbackOf(previous),
      metadata: task.metadata,
      after: task.after,
      resultOf,
    };
    const options = {
      command: this.#command,
      input: task.description,
      cwd: this.#cwd,
      env: this.#env,
      timeoutMs: this.#timeoutMs,
      idleMs: this.#idleMs,
      signal,
    };
    try {
      const result = await withTaskFiles(facts, (variables) => runTaskCommand(options, variables));
      return executionOf(result, this.#redact, this.#redactOutput);
    } catch (thrown) {
      return { success: false, error: filesFailure(thrown) };
    }
  }
}

/** The feedback, and the issues that it does not name already. */
function feedbackOf({ feedback, issues }: Previous): string {
  const others = issues.filter((issue) => !feedback.includes(issue));
  return [feedback, ...others.map((issue) => `- ${issue}`)].filter((line) => line !== '').join('\n');
}
