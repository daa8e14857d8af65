import { createHash } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import type { NewTask } from '../../model/task.ts';
import { makeFolder } from '../make-folder.ts';
import { storePlace } from '../store-place.ts';

/** A blank check is none: nothing is run for it. */
export function hasCheck({ check }: Checked): boolean {
  return check !== undefined && check.trim() !== '';
}

/** What makes a check what it is. */
export type Checked = Pick<NewTask, 'check' | 'seal'>;

/**
 * The checks that this user gave or agreed to, as a list of digests in a file of the user's own, outside of any store: what comes in with a
 * store cannot say of itself that it is trusted. A digest is of the check, of its seal and of the store's place: the same `npm test` in
 * another clone runs other things.
 */
export class TrustedChecks {
  readonly #file: string;
  readonly #store: string;
  #known = new Set<string>();

  /** @param store its path, whether it is there already or not. */
  constructor(store: string, env: NodeJS.ProcessEnv) {
    this.#store = storePlace(store);
    // As the XDG specification has it, one that is not absolute counts as none: it could lie in what was cloned.
    const own = env.XDG_STATE_HOME && isAbsolute(env.XDG_STATE_HOME) ? env.XDG_STATE_HOME : undefined;
    this.#file = join(own ?? join(homedir(), '.local', 'state'), 'orch', 'trusted-checks');
  }

  /** Where the list is. */
  get file(): string {
    return this.#file;
  }

  /** Reads the list, for who asks `knows`. One that cannot be read is empty. */
  async read(): Promise<void> {
    const text = await readFile(this.#file, 'utf8').catch(() => '');
    for (const line of text.split('\n')) if (line !== '') this.#known.add(line);
  }

  /** Whether a digest is on the list, as it was read last. */
  knows(digest: string): boolean {
    return this.#known.has(digest);
  }

  /** One without a check, too. A list that cannot be read is empty. Others may write on it meanwhile. */
  async has(task: Checked): Promise<boolean> {
    if (!hasCheck(task)) return true;
    const digest = this.digestOf(task);
    if (this.knows(digest)) return true;
    await this.read();
    return this.knows(digest);
  }

  /** The tasks whose checks are not on the list; it is read once for all of them. */
  async missing<T extends Checked>(tasks: readonly T[]): Promise<T[]> {
    const checked = tasks.filter(hasCheck);
    if (checked.length > 0) await this.read();
    return checked.filter((task) => !this.knows(this.digestOf(task)));
  }

  /** From now on these may run. Rejects with the system's error when the list cannot be written; they are trusted by this object all the same. */
  add(tasks: readonly Checked[]): Promise<void> {
    return this.addDigests(new Set(tasks.filter(hasCheck).map((task) => this.digestOf(task))));
  }

  /** The same by their digests. */
  async addDigests(digests: ReadonlySet<string>): Promise<void> {
    if (digests.size > 0) await this.read();
    const fresh = [...digests].filter((digest) => !this.knows(digest));
    if (fresh.length === 0) return;
    for (const digest of fresh) this.#known.add(digest);
    makeFolder(dirname(this.#file), 0o700);
    await appendFile(this.#file, fresh.map((digest) => `${digest}\n`).join(''), { mode: 0o600 });
  }

  /** What a check is known by. */
  digestOf({ check, seal }: Checked): string {
    const files = Object.entries(seal?.files ?? {}).sort();
    const all = JSON.stringify([this.#store, check, seal?.check ?? null, files]);
    return createHash('sha256').update(all).digest('hex');
  }
}
