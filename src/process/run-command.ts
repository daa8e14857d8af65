import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { LONGEST_TIMER_MS } from '../model/clock.ts';
import { messageOf } from '../model/errors.ts';
import { BoundedHead, BoundedTail } from './bounded.ts';
import { MARKS, Session } from './session.ts';

export interface CommandOptions {
  /** Run by `/bin/sh -c`. */
  command: string;
  /** Milliseconds until it is ended, from its start. `Infinity`: none. */
  timeoutMs: number;
  /** Milliseconds without a byte on stdout or stderr after which it is ended. Default: none. */
  idleMs?: number | undefined;
  /** What it reads on stdin. It need not read it. Default: nothing. */
  input?: string | Buffer;
  /** Working directory. Default: this process's own. */
  cwd?: string;
  /** Added to this process's own environment; `undefined` takes a variable out of it. */
  env?: Record<string, string | undefined>;
  signal?: AbortSignal;
  /** Bytes of stdout above which it is ended. Default: 10 MiB. */
  maxOutputBytes?: number;
  /** How many of the last bytes of stderr are kept. Default: 64 KiB. */
  maxErrorBytes?: number;
  /** Milliseconds between the request to end (SIGTERM) and the end (SIGKILL). Default: 2000. */
  graceMs?: number;
  /**
   * Milliseconds that those who still hold stdout or stderr have when the command itself has exited, such as the `tee`
   * of `exec > >(tee log)`. Default: 250.
   */
  lingerMs?: number;
}

/** How a command ended, with what it wrote until then, decoded as UTF-8. `binary`: the bytes of stdout, where they are no UTF-8. */
export type CommandResult = CommandEnd & { stdout: string; stderr: string; binary?: Buffer };

export type CommandEnd =
  | { type: 'exited'; status: number }
  /** Somebody else ended it. */
  | { type: 'signalled'; signal: string }
  | { type: 'timed-out'; timeoutMs: number }
  | { type: 'idle'; idleMs: number }
  | { type: 'aborted' }
  /** `stdout` has the first `maxOutputBytes` of it. */
  | { type: 'too-much-output'; maxOutputBytes: number }
  /** `code` is the system's, such as ENOENT, where it gave one. */
  | { type: 'not-started'; message: string; code?: string };

/**
 * Runs a command to its end. Never rejects.
 *
 * The command leads a process group and session of its own, so that a Ctrl-C in the terminal does not reach it. Its
 * deadline, idleness, an abort, and too much output end all of the session: SIGTERM, and after the grace SIGKILL. Who still
 * holds stdout or stderr has the grace to clean up, even when the command itself is gone at once.
 *
 * When the command exits by itself, those who still hold stdout or stderr have a short time to end too. Then whatever
 * it left running in its session is ended with SIGKILL: nothing stays behind, and a background child that inherited
 * stdout cannot keep the answer waiting.
 *
 * A child that made a session of its own (setsid, a daemon) stays when the command exits by itself: it was meant to. Where the command is
 * ended, it is ended too, on Linux; elsewhere it cannot be found. Who is not ended, or cannot be, is waited for only for another grace.
 */
export async function runCommand(options: CommandOptions): Promise<CommandResult> {
  if (options.signal?.aborted) return { type: 'aborted', stdout: '', stderr: '' };
  try {
    const mark = randomUUID();
    const child = start(options, mark);
    if (child.pid === undefined) throw (await once(child, 'error'))[0];
    return await new Supervision(child, new Session(child.pid, mark), options).toItsEnd();
  } catch (thrown) {
    return { ...(await notStarted(thrown, options)), stdout: '', stderr: '' };
  }
}

function start(options: CommandOptions, mark: string): ChildProcessWithoutNullStreams {
  const { command, cwd, env } = options;
  const marks = [process.env[MARKS], mark].filter(Boolean).join(' ');
  return spawn('/bin/sh', ['-c', command], {
    cwd,
    env: { ...process.env, ...env, [MARKS]: marks },
    detached: true,
    stdio: 'pipe',
  });
}

/** A command under way: what it writes is read, and it is ended where it has to be. */
class Supervision {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #session: Session;
  readonly #options: CommandOptions;
  readonly #graceMs: number;
  readonly #maxOutputBytes: number;
  readonly #stdout: BoundedHead;
  readonly #stderr: BoundedTail;
  readonly #result = Promise.withResolvers<CommandResult>();
  readonly #abort = (): void => this.#stop({ type: 'aborted' });
  /** How it exited by itself. */
  #exit: CommandEnd | undefined;
  /** Why it was to be ended, whether or not it had exited. */
  #stopped: CommandEnd | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  #nextStep: NodeJS.Timeout | undefined;

  constructor(child: ChildProcessWithoutNullStreams, session: Session, options: CommandOptions) {
    const { graceMs = 2000, maxOutputBytes = 10 * 1024 * 1024, maxErrorBytes = 64 * 1024 } = options;
    this.#child = child;
    this.#session = session;
    this.#options = options;
    this.#graceMs = graceMs;
    this.#maxOutputBytes = maxOutputBytes;
    this.#stdout = new BoundedHead(maxOutputBytes);
    this.#stderr = new BoundedTail(maxErrorBytes);
  }

  toItsEnd(): Promise<CommandResult> {
    const { input = '', lingerMs = 250 } = this.#options;
    const child = this.#child;
    this.#beginWatch();
    this.#read();
    child.stdin.on('error', () => {}); // A program need not read its input: EPIPE is no failure of it.
    child.stdin.end(input);
    child.once('exit', (status, name) => {
      this.#exit = name ? { type: 'signalled', signal: name } : { type: 'exited', status: status ?? 0 };
      this.#session.leaderEnded();
      this.#endWatch();
      if (!this.#stopped) this.#later(lingerMs, () => this.#kill());
    });
    child.once('close', () => this.#finish());
    return this.#result.promise;
  }

  #beginWatch(): void {
    const { timeoutMs, idleMs = Infinity, signal } = this.#options;
    this.#deadline = setTimeout(
      () => this.#stop({ type: 'timed-out', timeoutMs }),
      Math.min(timeoutMs, LONGEST_TIMER_MS),
    );
    if (Number.isFinite(idleMs))
      this.#idle = setTimeout(() => this.#stop({ type: 'idle', idleMs }), Math.min(idleMs, LONGEST_TIMER_MS));
    signal?.addEventListener('abort', this.#abort);
  }

  #endWatch(): void {
    clearTimeout(this.#deadline);
    clearTimeout(this.#idle);
    this.#options.signal?.removeEventListener('abort', this.#abort);
  }

  #read(): void {
    const { stdout, stderr } = this.#child;
    stdout.on('data', (chunk: Buffer) => {
      this.#idle?.refresh();
      if (this.#stdout.add(chunk)) return;
      this.#stop({ type: 'too-much-output', maxOutputBytes: this.#maxOutputBytes });
      stdout.destroy();
    });
    stderr.on('data', (chunk: Buffer) => {
      this.#idle?.refresh();
      this.#stderr.add(chunk);
    });
  }

  #stop(reason: CommandEnd): void {
    if (this.#stopped) return;
    this.#stopped = reason;
    if (this.#exit) return;
    this.#session.signal('SIGTERM');
    this.#session.askEscaped();
    this.#later(this.#graceMs, () => this.#kill());
  }

  #kill(): void {
    this.#session.signal('SIGKILL');
    if (this.#stopped) this.#session.endEscaped();
    this.#later(this.#graceMs, () => this.#giveUp());
  }

  /** Not to be killed (it became another user's, it hangs in the system), or out of reach. */
  #giveUp(): void {
    for (const stream of this.#child.stdio) stream?.destroy();
    this.#child.unref();
    this.#finish();
  }

  /** Exited, and nobody holds stdout or stderr any more. Somebody who writes nowhere may still be there. */
  #finish(): void {
    clearTimeout(this.#nextStep);
    this.#endWatch();
    this.#session.signal('SIGKILL');
    if (this.#stopped) this.#session.endEscaped();
    const { binary } = this.#stdout;
    const written = {
      stdout: this.#stdout.toString(),
      stderr: this.#stderr.toString(),
      ...(binary && { binary }),
    };
    this.#result.resolve({ ...(this.#stopped ?? this.#exit!), ...written });
  }

  #later(ms: number, step: () => void): void {
    clearTimeout(this.#nextStep);
    this.#nextStep = setTimeout(step, ms);
  }
}

async function notStarted(thrown: unknown, { cwd }: CommandOptions): Promise<CommandEnd> {
  const code = thrown instanceof Error && 'code' in thrown ? { code: String(thrown.code) } : {};
  if (cwd !== undefined && !(await isFolder(cwd))) {
    return { type: 'not-started', message: `the working directory ${cwd} is not a folder`, ...code };
  }
  return { type: 'not-started', message: `/bin/sh cannot be started (${messageOf(thrown)})`, ...code };
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
