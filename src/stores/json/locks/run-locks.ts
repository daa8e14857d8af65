import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { tryLock } from 'fs-native-extensions';
import type { LiveRun, RunInfo, RunNote } from '../../../ports/task-store.ts';
import type { IsLive } from '../../moment.ts';
import { codeOf, removeIfAllowed } from '../disk/faults.ts';
import { soundRunInfo } from './run-info.ts';

/** Opens a lock file to ask whether it is locked. */
type OpenLock = (path: string) => number;

/**
 * Which runs live. Each holds a kernel lock on a file of its own, `<store>.run-<id>.lock`, for its life: one whose
 * lock can be taken is dead. Process numbers are not asked: they are reused, and mean nothing across containers.
 */
export class RunLocks {
  readonly #store: string;
  /** Descriptors of the runs that joined through this object. */
  readonly #own = new Map<string, number>();
  #hasJoined = false;
  /** Runs of others that were seen alive. */
  readonly #seen = new Set<string>();

  readonly #open: OpenLock;

  /** @param store the path of the store's file. @param open for tests. */
  constructor(store: string, open: OpenLock = (path) => openSync(path, 'r')) {
    this.#store = store;
    this.#open = open;
  }

  /** Whether a run has ever joined through this object. */
  get hasJoined(): boolean {
    return this.#hasJoined;
  }

  /** The file appears under its name whole and locked, so that nobody takes it for a dead one's. */
  join(run: RunInfo): void {
    if (this.isLive(run.id)) throw new Error(`a run ${run.id} has joined the store already`);
    const path = this.#pathOf(run.id);
    const temporary = `${path}.tmp`;
    const fd = openSync(temporary, 'w');
    try {
      writeFileSync(fd, `${JSON.stringify(run)}\n`);
      if (!tryLock(fd)) throw new Error(`the new lock file ${temporary} is locked already`);
      renameSync(temporary, path);
    } catch (error) {
      closeSync(fd);
      rmSync(temporary, { force: true });
      throw error;
    }
    this.#own.set(run.id, fd);
    this.#hasJoined = true;
  }

  /** What it lets others see stands in its file, in one write, so that nobody reads the half of it. */
  note(id: string, note: RunNote): void {
    const fd = this.#own.get(id);
    const info = fd === undefined ? undefined : readInfo(this.#pathOf(id));
    if (fd === undefined || !info) return;
    const text = Buffer.from(`${JSON.stringify({ ...info, ...note })}\n`);
    const { size } = fstatSync(fd);
    // Blanks over what was longer before.
    const bytes = Buffer.concat([text, Buffer.alloc(Math.max(0, size - text.length), ' ')]);
    writeSync(fd, bytes, 0, bytes.length, 0);
  }

  /** Whether it joined through this object, and has not left. */
  owns(id: string): boolean {
    return this.#own.has(id);
  }

  leave(id: string): void {
    const fd = this.#own.get(id);
    if (fd === undefined) return;
    this.#own.delete(id);
    rmSync(this.#pathOf(id), { force: true });
    closeSync(fd);
  }

  leaveAll(): void {
    for (const id of this.#own.keys()) this.leave(id);
  }

  isLive(id: string): boolean {
    if (this.#own.has(id)) return true;
    const live = this.#isLocked(this.#pathOf(id));
    if (live) this.#seen.add(id);
    else this.#seen.delete(id);
    return live;
  }

  /** As `isLive`, asking for each run once. */
  askedOnce(): IsLive {
    const known = new Map<string, boolean>();
    return (id) => {
      const live = known.get(id) ?? this.isLive(id);
      known.set(id, live);
      return live;
    };
  }

  /** Whether one that was seen alive has gone since. Never throws: who could not be asked has not gone. */
  anyGone(): boolean {
    const before = this.#seen.size;
    for (const id of this.#seen) {
      try {
        this.isLive(id);
      } catch {
        // Too many open files, mostly: it is asked again soon.
      }
    }
    return this.#seen.size < before;
  }

  live(): LiveRun[] {
    const live = this.#files('.lock').filter((path) => this.#isLocked(path));
    return live.flatMap((path) => {
      const info = readInfo(path);
      if (info && this.#pathOf(info.id) === path && !this.#own.has(info.id)) this.#seen.add(info.id);
      return info ?? [];
    });
  }

  /** Removes the files of the dead. To be called under the store's lock, as is `join`. */
  sweep(): void {
    for (const path of this.#files('.lock')) if (!this.#isLocked(path)) removeIfAllowed(path);
    for (const path of this.#files('.lock.tmp')) removeIfAllowed(path);
  }

  /**
   * Asked by a shared lock, so that two who ask at once do not take each other for a living run. A file that may not
   * be opened is another user's: that run counts as alive.
   */
  #isLocked(path: string): boolean {
    let fd: number;
    try {
      fd = this.#open(path);
    } catch (error) {
      // A name that is too long, as a person may have written it, is none of a run's.
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENAMETOOLONG') return false;
      if (codeOf(error) === 'EACCES') return true;
      throw error;
    }
    try {
      return !tryLock(fd, { shared: true });
    } finally {
      closeSync(fd);
    }
  }

  #pathOf(id: string): string {
    return `${this.#store}.run-${encodeURIComponent(id.toWellFormed())}.lock`;
  }

  #files(ending: string): string[] {
    const folder = dirname(this.#store);
    const start = `${basename(this.#store)}.run-`;
    return readdirSync(folder)
      .filter((name) => name.startsWith(start) && name.endsWith(ending))
      .map((name) => join(folder, name));
  }
}

function readInfo(path: string): LiveRun | undefined {
  try {
    return soundRunInfo(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // It left in between, or somebody wrote into its file.
    return undefined;
  }
}
