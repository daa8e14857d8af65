import type { StopReason } from '../model/event.ts';
import { Bell } from './bell.ts';

/** Gravest first, in the order of their exit codes: what is asked for on purpose comes last. */
const GRAVITY: ReadonlyArray<StopReason['kind']> = [
  'fatal',
  'safety',
  'unavailable',
  'failed',
  'stopped',
  'limit',
];

/** What steers a run: pausing, draining, aborting, and the bell that wakes whoever waits for a change. */
export class RunControl {
  readonly bell = new Bell();
  readonly #draining = new AbortController();
  readonly #givingBack = new AbortController();
  readonly #aborting = new AbortController();
  #paused = false;
  #stopReason: StopReason | undefined;

  get paused(): boolean {
    return this.#paused;
  }

  /** Why the run ends before its work does. */
  get stopReason(): StopReason | undefined {
    return this.#stopReason;
  }

  /** Aborts when nothing new is to begin: waits end, work goes on. */
  get draining(): AbortSignal {
    return this.#draining.signal;
  }

  /**
   * Aborts when work that has not gone out yet is to be given back: the run was told to end, or no call would succeed. A limit on what
   * may begin leaves alone what has begun, though it may still wait for its turn.
   */
  get givingBack(): AbortSignal {
    return this.#givingBack.signal;
  }

  /** Aborts when work is to end, too. */
  get aborting(): AbortSignal {
    return this.#aborting.signal;
  }

  setPaused(paused: boolean): void {
    this.#paused = paused;
    this.bell.ring();
  }

  /** Of several reasons the gravest counts, and of equal ones the first. */
  stop(reason: StopReason): void {
    const before = this.#stopReason;
    if (reason.kind !== 'safety' && reason.kind !== 'limit') this.giveBack();
    if (!before || GRAVITY.indexOf(reason.kind) < GRAVITY.indexOf(before.kind)) this.#stopReason = reason;
    this.drain();
  }

  drain(): void {
    this.#draining.abort();
    this.bell.ring();
  }

  giveBack(): void {
    this.#givingBack.abort();
  }

  abort(): void {
    this.#aborting.abort();
    this.giveBack();
    this.drain();
  }
}
