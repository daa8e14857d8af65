import { execFileSync } from 'node:child_process';
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished, vi } from 'vitest';

/** A folder of the test's own, removed when the test ends. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'orch-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The timers of this process stand still until the test moves them. Commands run in real time. */
export function stopTimers(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
}

/**
 * A named pipe that a command and all its children hold open (`exec 3>path`). What they write on it arrives here, and
 * it ends when the last of them is dead: no waiting for a time, no looking at process tables.
 */
export class Lifeline {
  readonly path = join(scratchFolder(), 'lifeline');
  readonly #lines: AsyncIterator<string>;

  constructor() {
    execFileSync('mkfifo', [this.path]);
    this.#lines = createInterface(createReadStream(this.path))[Symbol.asyncIterator]();
  }

  /** The next line that one of them writes; undefined when all of them are dead. */
  async line(): Promise<string | undefined> {
    const next = await this.#lines.next();
    return next.done ? undefined : next.value;
  }

  /** All that they write until the last of them is dead. Ends too where none has ever opened it, and none will. */
  async rest(): Promise<string[]> {
    closeSync(openSync(this.path, 'r+'));
    const lines: string[] = [];
    for (let line = await this.line(); line !== undefined; line = await this.line()) lines.push(line);
    return lines;
  }
}

/**
 * For a command that is to be ended after so many milliseconds, and not before it has written `begun` on its lifeline: it gets more of them
 * each time that a busy machine took longer to start it. When this resolves, all that it started is dead.
 * @returns the milliseconds that were enough.
 */
export async function onceBegun(run: (life: Lifeline, ms: number) => Promise<void>): Promise<number> {
  for (let ms = 100; ; ms *= 4) {
    const life = new Lifeline();
    await run(life, ms);
    if ((await life.rest()).includes('begun')) return ms;
  }
}
