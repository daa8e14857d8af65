import { redacting } from '../../claude/redaction.ts';
import { outputBytes } from '../../model/encoding.ts';
import { requireMs } from '../../model/expect.ts';
import type { Executed, Verification } from '../../model/result.ts';
import type { Seal, Task } from '../../model/task.ts';
import type { VerificationContext, Verifier } from '../../ports/verifier.ts';
import type { Redact } from '../../process/redact.ts';
import { requireCommand } from '../../process/require-command.ts';
import { runTaskCommand } from '../../process/run-task-command.ts';
import { filesFailure } from '../../process/shortage.ts';
import { withTaskFiles } from '../../process/task-files.ts';
import { changesSince } from './seal.ts';
import { verificationOf } from './verification-of.ts';

export interface CommandVerifierOptions {
  /** What its verdicts are called. Default: `check`. */
  name?: string;
  /** Run by `/bin/sh -c`. Default: each task's own `check`. */
  command?: string;
  /** Working directory. Default: this process's own. */
  cwd?: string;
  /** Milliseconds a check may take before its process group is ended. Default: 120000 (2 minutes). */
  timeoutMs?: number;
  /** What `command` and the files that it uses were, as `sealOf` makes it. Default: nothing is compared. */
  seal?: Seal;
  /** From which the paths of a seal are taken. Default: this process's working directory. */
  sealFolder?: string;
  /** Whether a task's own check may be run. Default: all may. */
  mayRun?: (task: Task) => Promise<boolean>;
  /**
   * Takes secrets out of what is kept of the check's output. Default: the credentials of this process, and what looks like one. `asItIs` takes
   * out nothing.
   */
  redact?: Redact;
}

/**
 * Judges a result by a command: the result, byte for byte, on stdin and in ORCH_RESULT_FILE, the description in ORCH_TASK_FILE, and
 * ORCH_TASK_ID; metadata and results of earlier tasks as the executor's command has them. The files are removed when it ends.
 *
 * | ends with                    | means |
 * |------------------------------|-------|
 * | exit status 0                | passed, confidence 1 |
 * | 75                           | `transient`: try later |
 * | 126, 127, a signal, 129, 130, 137, 143 (one ended something in it), past its deadline, more than 10 MiB of output, not startable | could not tell |
 * | not startable for want of processes, open files, memory, room on the disk | `transient` |
 * | not startable for a TMPDIR that cannot be written in | `fatal` |
 * | not run, because the check or a file in its seal has changed | rejected, `tampered` |
 * | exit status 0 or another that is a verdict, but such a file changed meanwhile | rejected, `tampered` |
 * | not run, because `mayRun` forbids it | could not tell, for good |
 * | any other status             | rejected; the last 4096 bytes of its output (stdout, then stderr) are the feedback |
 */
export class CommandVerifier implements Verifier {
  readonly name: string;
  readonly #command: string | undefined;
  readonly #timeoutMs: number;
  readonly #cwd: string | undefined;
  readonly #seal: Seal | undefined;
  readonly #sealFolder: string | undefined;
  readonly #mayRun: (task: Task) => Promise<boolean>;
  readonly #redact: Redact;

  /** @throws `usage`: an empty command, or a time-out that is none. */
  constructor(options: CommandVerifierOptions = {}) {
    const { name = 'check', command, cwd, timeoutMs = 120_000, redact = redacting() } = options;
    const { seal, sealFolder, mayRun = async () => true } = options;
    this.name = name;
    this.#command = command === undefined ? undefined : requireCommand(command);
    this.#timeoutMs = requireMs('timeoutMs', timeoutMs);
    this.#cwd = cwd;
    this.#seal = seal;
    this.#sealFolder = sealFolder;
    this.#mayRun = mayRun;
    this.#redact = redact;
  }

  /** With a command of its own to every task, otherwise to those that have a check. */
  applies(task: Task): boolean {
    return this.#commandFor(task) !== undefined;
  }

  async verify(task: Task, execution: Executed, context: VerificationContext): Promise<Verification> {
    return { ...(await this.#check(task, execution, context)), isCheck: true };
  }

  async #check(task: Task, execution: Executed, context: VerificationContext): Promise<Verification> {
    const command = this.#commandFor(task);
    if (command === undefined) return { inconclusive: true, reason: `task ${task.id} has no check` };
    const refused = await this.#refused(task);
    if (refused) return refused;
    const output = outputBytes(execution.output, execution.metadata);
    try {
      const { id, description, metadata, after } = task;
      const { signal, resultOf } = context;
      const facts = { id, task: description, result: output, metadata, after, resultOf };
      const options = { command, input: output, cwd: this.#cwd, timeoutMs: this.#timeoutMs, signal };
      const result = await withTaskFiles(facts, (variables) => runTaskCommand(options, variables));
      const answer = verificationOf(result, this.#redact);
      if (!('passed' in answer)) return answer;
      return (await this.#tampered(task, 'while the check ran')) ?? answer;
    } catch (thrown) {
      return { error: filesFailure(thrown) };
    }
  }

  /** A check is not run when it is another one than was agreed to. */
  async #refused(task: Task): Promise<Verification | undefined> {
    const isOwn = this.#command === undefined;
    const mayRun = !isOwn || (await this.#mayRun(task));
    const tampered = await this.#tampered(
      task,
      `since the ${isOwn ? 'task was added' : 'run began'}`,
      mayRun,
    );
    if (tampered || mayRun) return tampered;
    const message = 'nobody agreed to its check; read it, retry the task, and say --trust';
    return { error: { kind: 'permanent', message } };
  }

  /**
   * The rejection where something is not as it was sealed.
   * @param when the end of a sentence. @param withFiles they are looked at too; those of a check that nobody agreed to are anybody's.
   */
  async #tampered(task: Task, when: string, withFiles = true): Promise<Verification | undefined> {
    const sealed = this.#command === undefined ? task : { check: this.#command, seal: this.#seal };
    const tampered = await changesSince(sealed, this.#sealFolder, withFiles);
    if (tampered.length === 0) return undefined;
    const feedback = `tampered ${when}: ${tampered.join('; ')}`;
    return { passed: false, confidence: 1, feedback, issues: tampered, tampered };
  }

  #commandFor(task: Task): string | undefined {
    return this.#command ?? (task.check?.trim() ? task.check : undefined);
  }
}
