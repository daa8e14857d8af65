import type { SafetyCheck } from '../ports/safety-check.ts';
import type { RunControl } from './control.ts';
import type { Runtime } from './runtime.ts';

interface SafetyWatchParts {
  /** Absent: everything is allowed. */
  safety: SafetyCheck | undefined;
  runtime: Runtime;
  control: RunControl;
  /** The check has a deadline: what is used of it grows with the clock. */
  onClock(): void;
  /** The check tripped by the clock alone. The run drains after that. */
  onDeadline(): Promise<unknown>;
  onError(error: unknown): void;
}

/** Asks the safety check whether the run may go on, and watches the clock for one that has a deadline. */
export class SafetyWatch {
  readonly #parts: SafetyWatchParts;
  #watching = false;

  constructor(parts: SafetyWatchParts) {
    this.#parts = parts;
  }

  allows(): boolean {
    const { safety, onError } = this.#parts;
    if (!safety) return true;
    const allowed = safety.allowContinue();
    if (safety.deadline !== undefined && !this.#watching) {
      this.#watching = true;
      this.#parts.onClock();
      this.#watch(safety, safety.deadline).catch(onError);
    }
    return allowed;
  }

  /** Ends waits, too, when a limit on time is reached: they may be longer than what is left. */
  async #watch(safety: SafetyCheck, deadline: number): Promise<void> {
    const { runtime, control, onDeadline } = this.#parts;
    // A timer may fire early, a clock may be set back: what counts is what the check says.
    while (!control.draining.aborted && safety.allowContinue()) {
      await runtime.sleep(Math.max(deadline - runtime.clock.now(), 1), control.draining);
    }
    if (control.draining.aborted) return;
    await onDeadline();
    // What waits for its turn would begin after the deadline.
    control.giveBack();
    control.drain();
  }
}
