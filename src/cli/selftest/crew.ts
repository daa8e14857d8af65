import type { Job } from './job.ts';
import { epochOfClock, sharedNow, type Told, type ToldBy } from './told.ts';
import type { Violation } from './violation.ts';
import { WorkerProcess } from './worker-process.ts';

/** Longest wait for anything, in milliseconds: all of it takes less than a second on a machine that is not overloaded. */
const LONGEST_WAIT_MS = 120_000;

/** Longest wait for killed workers, in milliseconds. */
const LONGEST_DYING_MS = 10_000;

/** So many tasks a worker adds at a time: a change of many records can be torn between two whole ones. */
const ADDS = [1, 6, 1, 2, 1, 3];

/** Every other worker syncs beside its work from so many changes on: few as they are here, no worker would ever do so by itself. */
const CROWD = 2;

/** The work on a store cannot go on: something failed, or did not happen. */
export class Halted extends Error {
  readonly violation: Violation | undefined;

  /** @param violation where none was told by a worker. */
  constructor(violation?: Violation) {
    super(violation?.message ?? 'a worker failed');
    this.violation = violation;
  }
}

/** The workers of one store, and all that they told. */
export class Crew {
  readonly told: ToldBy[] = [];
  readonly #store: string;
  readonly #signal: AbortSignal;
  readonly #epochMs = epochOfClock();
  readonly #workers: WorkerProcess[] = [];
  #news = Promise.withResolvers<void>();
  #isTroubled = false;

  /** @param signal ends all waits. */
  constructor(store: string, signal: AbortSignal) {
    this.#store = store;
    this.#signal = signal;
  }

  /** How many were started in all. */
  get size(): number {
    return this.#workers.length;
  }

  get working(): WorkerProcess[] {
    return this.#workers.filter(({ hasEnded }) => !hasEnded);
  }

  /** Starts one more. */
  hire(job: Partial<Job> = {}): WorkerProcess {
    const worker = this.#workers.length + 1;
    const crowd = worker % 2 === 0 && { crowd: CROWD };
    const whole = {
      store: this.#store,
      worker,
      epochMs: this.#epochMs,
      adds: ADDS,
      ...crowd,
      stay: false,
      ...job,
    };
    const process: WorkerProcess = new WorkerProcess(whole, {
      onTold: (told) => this.#take(told),
      onEnd: () => this.#onEnd(process),
    });
    this.#workers.push(process);
    return process;
  }

  /** Starts as many as are missing, which work until they are dismissed. */
  fill(count: number): void {
    for (let missing = count - this.working.length; missing > 0; missing--) this.hire({ stay: true });
  }

  /** Adds to what was told. */
  note(told: Told, worker: number): void {
    this.told.push({ ...told, at: sharedNow(this.#epochMs), worker });
  }

  /**
   * Resolves when it is so.
   * @param what is waited for, for people.
   * @throws Halted: a worker failed, or it took too long. What the signal says.
   */
  async until(what: string, isSo: () => boolean): Promise<void> {
    const late = Promise.withResolvers<never>();
    const giveUp = (): void => late.reject(this.#signal.reason);
    const timer = setTimeout(() => late.reject(stuck(what)), LONGEST_WAIT_MS);
    this.#signal.addEventListener('abort', giveUp);
    if (this.#signal.aborted) giveUp();
    try {
      while (!this.#isTroubled && !isSo()) await Promise.race([this.#news.promise, late.promise]);
      this.#signal.throwIfAborted();
      if (this.#isTroubled) throw new Halted();
    } finally {
      late.promise.catch(() => undefined);
      clearTimeout(timer);
      this.#signal.removeEventListener('abort', giveUp);
    }
  }

  async untilEnded(workers: WorkerProcess[] = this.working): Promise<void> {
    await this.until('a worker to end', () => workers.every(({ hasEnded }) => hasEnded));
  }

  /** Ends all of it, whatever has happened. */
  async disband(): Promise<void> {
    this.killAll();
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, LONGEST_DYING_MS);
    const ended = async (): Promise<void> => {
      while (this.working.length > 0) await this.#news.promise;
    };
    await Promise.race([ended(), late.promise]);
    clearTimeout(timer);
  }

  killAll(): WorkerProcess[] {
    const workers = this.working;
    for (const worker of workers) worker.kill();
    return workers;
  }

  #take(told: ToldBy[]): void {
    this.told.push(...told);
    if (told.some(({ kind }) => kind === 'trouble')) this.#isTroubled = true;
    this.#tell();
  }

  #onEnd({ number, defect }: WorkerProcess): void {
    const isKnown = this.told.some(({ kind, worker }) => kind === 'trouble' && worker === number);
    if (defect !== undefined && !isKnown) this.note({ kind: 'trouble', message: defect }, number);
    if (defect !== undefined) this.#isTroubled = true;
    this.#tell();
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }
}

function stuck(what: string): Halted {
  return new Halted({ rule: 'stuck', message: `${LONGEST_WAIT_MS / 1000} s were not enough for ${what}` });
}
