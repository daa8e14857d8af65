import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import type { Figures } from './case.ts';

const LIMIT_MS = 15 * 60_000;

/** Runs a case file in a process of its own. It gets its options as JSON, and prints its figures as a line of JSON. */
export async function measureChild(file: string, options: object): Promise<Figures> {
  const running = promisify(execFile)(process.execPath, [file, JSON.stringify(options)], {
    timeout: LIMIT_MS,
  });
  const kill = (): boolean => running.child.kill('SIGKILL');
  process.prependOnceListener('exit', kill);
  try {
    return JSON.parse((await running).stdout);
  } catch (error) {
    const { killed, stderr } = error as { killed?: boolean; stderr?: string };
    if (killed) throw new Error(`took longer than ${LIMIT_MS / 1000} s`);
    throw stderr ? new Error(saidLast(stderr)) : error;
  } finally {
    process.off('exit', kill);
  }
}

/** Runs Node to its end. @param output a file descriptor for stdout. @returns wall milliseconds. */
export function wallMs(args: string[], output?: number): number {
  const begun = performance.now();
  const { status, stderr, error } = spawnSync(process.execPath, args, {
    stdio: ['ignore', output ?? 'ignore', 'pipe'],
    timeout: LIMIT_MS,
  });
  const ms = performance.now() - begun;
  if (error) throw error;
  if (status !== 0) throw new Error(`exit status ${status}: ${saidLast(String(stderr))}`);
  return ms;
}

/** The message of an uncaught error stands before its stack: the line that names an error wins over the last one. */
function saidLast(text: string): string {
  const lines = text.trim().split('\n');
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? '';
}
