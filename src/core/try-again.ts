import type { EventMap, StopReason } from '../model/event.ts';
import type { Failure } from '../model/failure.ts';
import { type Backoff, backoffDelay } from './backoff.ts';
import type { Outage } from './outage.ts';
import type { Runtime } from './runtime.ts';
import type { TaskBudget } from './task-budget.ts';

/** What waits need of their run. */
export interface WaitParts {
  runtime: Runtime;
  backoff: Backoff;
  /** `true`: outages are waited out. */
  stay: boolean;
  /** Aborts when nothing new is to begin: waits end, work goes on. */
  draining: AbortSignal;
  /** Ends the run, because no task can be done now. */
  stopRun(reason: StopReason): void;
}

type Wait = Pick<EventMap['task:retry'], 'cause' | 'reason' | 'delayMs'>;

/** Whether one claim's executor or verifier is asked once more after it gave nothing, and the wait before that. */
export class TryAgain {
  readonly #parts: WaitParts;
  readonly #budget: TaskBudget;
  readonly #aborting: AbortSignal;
  readonly #onWait: (wait: Wait) => void;
  #gaveBack = false;

  /** @param onWait called when a wait begins. */
  constructor(parts: WaitParts, budget: TaskBudget, aborting: AbortSignal, onWait: (wait: Wait) => void) {
    this.#parts = parts;
    this.#budget = budget;
    this.#aborting = aborting;
    this.#onWait = onWait;
  }

  /** The task goes back, because there was no money for a call. */
  get gaveBack(): boolean {
    return this.#gaveBack;
  }

  /**
   * After a transient or fatal failure, or a silence that is no fault of the task.
   * @param failures so many of them, this one included. @returns whether to try again.
   */
  async afterFailure(failure: Failure, failures: number, outage: Outage): Promise<boolean> {
    const { stay, stopRun } = this.#parts;
    const { kind, message, retryAfterMs } = failure;
    if (kind === 'fatal') {
      stopRun({ kind, message });
      return false;
    }
    if (this.#budget.isRefused) {
      this.#budget.giveBack();
      this.#gaveBack = true;
      return false;
    }
    const unavailable = outage.failed(failure);
    if (unavailable && !stay) {
      stopRun(unavailable);
      return false;
    }
    return await this.#wait('transient', message, failures, retryAfterMs);
  }

  /** A verifier could not tell. @param times so many, this one included. @returns whether to ask it again. */
  async afterUnclear(reason: string, times: number): Promise<boolean> {
    return await this.#wait('inconclusive', reason, times);
  }

  async #wait(cause: Wait['cause'], reason: string, times: number, retryAfterMs?: number): Promise<boolean> {
    const { backoff, runtime, draining } = this.#parts;
    const aborting = this.#aborting;
    const delayMs = backoffDelay(backoff, times, runtime.random, retryAfterMs);
    if (draining.aborted || aborting.aborted) return false;
    this.#onWait({ cause, reason, delayMs });
    await runtime.sleep(delayMs, AbortSignal.any([draining, aborting]));
    return !draining.aborted && !aborting.aborted;
  }
}
