import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

/** A `store-worker.ts` that a test started. It is killed when the test ends. */
export class StoreProcess {
  readonly #child;
  readonly #lines;
  readonly #ended: Promise<unknown[]>;

  constructor(path: string, job: string, argument = '') {
    const script = join(import.meta.dirname, 'store-worker.ts');
    this.#child = spawn(process.execPath, ['--expose-gc', script, path, job, argument], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#ended = once(this.#child, 'exit');
    onTestFinished(() => void this.#child.kill('SIGKILL'));
  }

  /** The next line that it prints. */
  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the store process ended without another line');
    return value;
  }

  /** When it is ready to begin. */
  async ready(): Promise<void> {
    const line = await this.line();
    if (line !== 'ready') throw new Error(`the store process said ${line} instead of ready`);
  }

  go(): void {
    this.#child.stdin.write('go\n');
  }

  /** It does not move any more, as on a machine that sleeps. */
  stop(): void {
    this.#child.kill('SIGSTOP');
  }

  wake(): void {
    this.#child.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** Its exit code, or the signal that ended it. */
  async end(): Promise<unknown> {
    const [code, signal] = await this.#ended;
    return signal ?? code;
  }
}

/** Starts so many processes with the same job, lets them go together, and gives what each printed. */
export async function together(
  count: number,
  path: string,
  job: string,
  argument?: string,
): Promise<string[][]> {
  const processes = Array.from({ length: count }, () => new StoreProcess(path, job, argument));
  await Promise.all(processes.map((process) => process.ready()));
  for (const process of processes) process.go();
  return Promise.all(processes.map(async (process) => JSON.parse(await process.line())));
}
