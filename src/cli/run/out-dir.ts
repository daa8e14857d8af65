import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resultBytes } from '../../model/encoding.ts';
import type { Task } from '../../model/task.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import { noteFitted } from '../fitted-lines.ts';
import { count } from '../format.ts';
import { makeFolder } from '../make-folder.ts';
import { meaningOf } from '../system-error.ts';
import { usage } from '../values.ts';

/** The folder of `--out-dir`: a file for each result. What cannot be written costs no task: its result is in the store. */
export class OutDir {
  readonly #dir: string;
  readonly #ext: string;
  #temporaries = 0;
  #failures = 0;

  /** Makes the folder where it is missing. @throws `usage`: it cannot be written in. */
  static async open(dir: string, ext: string): Promise<OutDir> {
    const out = new OutDir(dir, ext);
    try {
      makeFolder(dir);
      const probe = out.#temporary();
      await writeFile(probe, '');
      await rm(probe);
    } catch (error) {
      throw usage(
        `Results cannot be written to ${dir}: ${meaningOf(error)}; name another folder with --out-dir`,
      );
    }
    return out;
  }

  private constructor(dir: string, ext: string) {
    this.#dir = dir;
    this.#ext = ext;
  }

  /**
   * Writes the results that have no file yet, or one from before they were given: an earlier run may have ended before it came to them.
   * @param only of these tasks.
   */
  async writeMissing(store: TaskStore, only?: ReadonlySet<string>): Promise<void> {
    for await (const task of store.list({ status: 'completed' })) {
      if ((!only || only.has(task.id)) && !(await this.#isWritten(task))) await this.write(task);
    }
  }

  /** Puts a task's result in its file: who looks at it sees the whole result, or none. Never rejects. */
  async write(task: Task): Promise<void> {
    const bytes = resultBytes(task);
    if (bytes === undefined) return;
    const path = join(this.#dir, this.#nameOf(task));
    const temporary = this.#temporary();
    try {
      await writeFile(temporary, bytes, { flush: true });
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      this.#failures++;
      if (this.#failures > 1) return;
      noteFitted(
        `The result of ${task.id} is in the store, but could not be written to ${path}: ${meaningOf(error)}`,
      );
    }
  }

  /** At the end of the run: says how many are missing. */
  close(): void {
    if (this.#failures === 0) return;
    noteFitted(
      `${count(this.#failures, 'result')} could not be written to ${this.#dir}; another run with --out-dir writes what is missing`,
    );
  }

  async #isWritten(task: Task): Promise<boolean> {
    const found = await stat(join(this.#dir, this.#nameOf(task))).catch(() => undefined);
    return found?.isFile() === true && found.mtimeMs >= Date.parse(task.endedAt ?? task.createdAt);
  }

  #nameOf({ id }: Task): string {
    return `${id}.${this.#ext}`;
  }

  /** Ids do not end so. */
  #temporary(): string {
    return join(this.#dir, `.orch-${process.pid}-${this.#temporaries++}.tmp~`);
  }
}
