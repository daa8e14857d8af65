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
    return await supervise(child, new Session(child.pid, mark), options);
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

function supervise(
  child: ChildProcessWithoutNullStreams,
  session: Session,
  options: CommandOptions,
): Promise<CommandResult> {
  const { timeoutMs, idleMs = Infinity, input = '', signal, graceMs = 2000, lingerMs = 250 } = options;
  const { maxOutputBytes = 10 * 1024 * 1024, maxErrorBytes = 64 * 1024 } = options;
  const stdout = new BoundedHead(maxOutputBytes);
  const stderr = new BoundedTail(maxErrorBytes);
  let exit: CommandEnd | undefined;
  let stopped: CommandEnd | undefined;
  let nextStep: NodeJS.Timeout | undefined;

  return new Promise((resolve) => {
    const later = (ms: number, step: () => void) => {
      clearTimeout(nextStep);
      nextStep = setTimeout(step, ms);
    };
    /** Exited, and nobody holds stdout or stderr any more. Somebody who writes nowhere may still be there. */
    const finish = () => {
      clearTimeout(nextStep);
      endWatch();
      session.signal('SIGKILL');
      if (stopped) session.endEscaped();
      const { binary } = stdout;
      const written = { stdout: stdout.toString(), stderr: stderr.toString(), ...(binary && { binary }) };
      resolve({ ...(stopped ?? exit!), ...written });
    };
    /** Not to be killed (it became another user's, it hangs in the system), or out of reach. */
    const giveUp = () => {
      for (const stream of child.stdio) stream?.destroy();
      child.unref();
      finish();
    };
    const kill = () => {
      session.signal('SIGKILL');
      if (stopped) session.endEscaped();
      later(graceMs, giveUp);
    };
    const stop = (reason: CommandEnd) => {
      if (stopped) return;
      stopped = reason;
      if (exit) return;
      session.signal('SIGTERM');
      session.askEscaped();
      later(graceMs, kill);
    };
    const abort = () => stop({ type: 'aborted' });
    const deadline = setTimeout(
      () => stop({ type: 'timed-out', timeoutMs }),
      Math.min(timeoutMs, LONGEST_TIMER_MS),
    );
    const idle = Number.isFinite(idleMs)
      ? setTimeout(() => stop({ type: 'idle', idleMs }), Math.min(idleMs, LONGEST_TIMER_MS))
      : undefined;
    const endWatch = () => {
      clearTimeout(deadline);
      clearTimeout(idle);
      signal?.removeEventListener('abort', abort);
    };
    signal?.addEventListener('abort', abort);

    child.stdout.on('data', (chunk: Buffer) => {
      idle?.refresh();
      if (stdout.add(chunk)) return;
      stop({ type: 'too-much-output', maxOutputBytes });
      child.stdout.destroy();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      idle?.refresh();
      stderr.add(chunk);
    });
    child.stdin.on('error', () => {}); // A program need not read its input: EPIPE is no failure of it.
    child.stdin.end(input);

    child.once('exit', (status, name) => {
      exit = name ? { type: 'signalled', signal: name } : { type: 'exited', status: status ?? 0 };
      session.leaderEnded();
      endWatch();
      if (!stopped) later(lingerMs, kill);
    });
    child.once('close', finish);
  });
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
