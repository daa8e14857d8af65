import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { LONGEST_TIMER_MS } from '../model/clock.ts';
import { messageOf } from '../model/errors.ts';
import { BoundedHead, BoundedTail } from './bounded.ts';
import { Session } from './session.ts';

export interface CommandOptions {
  /** Run by `/bin/sh -c`. */
  command: string;
  /** Milliseconds until it is ended, from its start. `Infinity`: none. */
  timeoutMs: number;
  /** What it reads on stdin. It need not read it. Default: nothing. */
  input?: string;
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

/** How a command ended, with what it wrote until then, decoded as UTF-8. */
export type CommandResult = CommandEnd & { stdout: string; stderr: string };

export type CommandEnd =
  | { type: 'exited'; status: number }
  /** Somebody else ended it. */
  | { type: 'signalled'; signal: string }
  | { type: 'timed-out'; timeoutMs: number }
  | { type: 'aborted' }
  /** `stdout` has the first `maxOutputBytes` of it. */
  | { type: 'too-much-output'; maxOutputBytes: number }
  /** `code` is the system's, such as ENOENT, where it gave one. */
  | { type: 'not-started'; message: string; code?: string };

/**
 * Runs a command to its end. Never rejects.
 *
 * The command leads a process group and session of its own, so that a Ctrl-C in the terminal does not reach it. Its
 * deadline, an abort, and too much output end all of the session: SIGTERM, and after the grace SIGKILL. Who still
 * holds stdout or stderr has the grace to clean up, even when the command itself is gone at once.
 *
 * When the command exits by itself, those who still hold stdout or stderr have a short time to end too. Then whatever
 * it left running in its session is ended with SIGKILL: nothing stays behind, and a background child that inherited
 * stdout cannot keep the answer waiting.
 *
 * A child that made a session of its own (setsid, a daemon) is not ended, nor is one that the system does not let us
 * end. They are waited for only for another grace.
 */
export async function runCommand(options: CommandOptions): Promise<CommandResult> {
  if (options.signal?.aborted) return { type: 'aborted', stdout: '', stderr: '' };
  try {
    const child = start(options);
    if (child.pid === undefined) throw (await once(child, 'error'))[0];
    return await supervise(child, child.pid, options);
  } catch (thrown) {
    return { ...(await notStarted(thrown, options)), stdout: '', stderr: '' };
  }
}

function start(options: CommandOptions): ChildProcessWithoutNullStreams {
  const { command, cwd, env } = options;
  return spawn('/bin/sh', ['-c', command], {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    stdio: 'pipe',
  });
}

function supervise(
  child: ChildProcessWithoutNullStreams,
  pid: number,
  options: CommandOptions,
): Promise<CommandResult> {
  const { timeoutMs, input = '', signal, graceMs = 2000, lingerMs = 250 } = options;
  const { maxOutputBytes = 10 * 1024 * 1024, maxErrorBytes = 64 * 1024 } = options;
  const stdout = new BoundedHead(maxOutputBytes);
  const stderr = new BoundedTail(maxErrorBytes);
  const session = new Session(pid);
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
      clearTimeout(deadline);
      signal?.removeEventListener('abort', abort);
      session.signal('SIGKILL');
      resolve({ ...(stopped ?? exit!), stdout: stdout.toString(), stderr: stderr.toString() });
    };
    /** Not to be killed (it became another user's, it hangs in the system), or out of reach. */
    const giveUp = () => {
      for (const stream of child.stdio) stream?.destroy();
      child.unref();
      finish();
    };
    const kill = () => {
      session.signal('SIGKILL');
      later(graceMs, giveUp);
    };
    const stop = (reason: CommandEnd) => {
      if (stopped) return;
      stopped = reason;
      if (exit) return;
      session.signal('SIGTERM');
      later(graceMs, kill);
    };
    const abort = () => stop({ type: 'aborted' });
    const deadline = setTimeout(
      () => stop({ type: 'timed-out', timeoutMs }),
      Math.min(timeoutMs, LONGEST_TIMER_MS),
    );
    signal?.addEventListener('abort', abort);

    child.stdout.on('data', (chunk: Buffer) => {
      if (stdout.add(chunk)) return;
      stop({ type: 'too-much-output', maxOutputBytes });
      child.stdout.destroy();
    });
    child.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
    child.stdin.on('error', () => {}); // A program need not read its input: EPIPE is no failure of it.
    child.stdin.end(input);

    child.once('exit', (status, name) => {
      exit = name ? { type: 'signalled', signal: name } : { type: 'exited', status: status ?? 0 };
      session.leaderEnded();
      clearTimeout(deadline);
      signal?.removeEventListener('abort', abort);
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
