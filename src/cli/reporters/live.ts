import ora, { type Ora } from 'ora';
import type { ModelState } from '../../claude/governor/state.ts';
import type { RunEvent } from '../../model/event.ts';
import { wholeSeconds } from '../format.ts';
import { cut } from '../safe-text.ts';
import { limitsText } from './limits.ts';
import type { Reporter } from './reporter.ts';

export interface LiveOptions {
  /** A terminal. */
  stream: NodeJS.WriteStream;
  /** Tasks that are there to be done; more may come. */
  total: number;
  /** Milliseconds since the epoch. Default: the system's clock. */
  now?: () => number;
}

/** One line at the foot of the screen that says how far the run is; other lines scroll above it. */
export class LiveReporter implements Reporter {
  readonly #now: () => number;
  readonly #total: number;
  readonly #running = new Set<string>();
  readonly #spinner: Ora;
  #startedAt = 0;
  #completed = 0;
  #failed = 0;
  #limits: () => ModelState[] = () => [];
  #waitsForMoney: string | undefined;

  constructor({ stream, total, now = Date.now }: LiveOptions) {
    this.#now = now;
    this.#total = total;
    this.#spinner = ora({
      stream,
      isEnabled: true,
      color: false,
      // Ctrl-C has to reach the run, and a killed one must leave the cursor as it was.
      discardStdin: false,
      hideCursor: false,
      suffixText: () => cut(this.text(), (stream.columns ?? 80) - 4),
    });
  }

  onEvent(event: RunEvent): void {
    if (event.event === 'run:start') this.#begin();
    if (event.event === 'budget:wait')
      this.#waitsForMoney = event.reason ? 'the budget of another run' : 'money that calls have set aside';
    if (event.event === 'budget:resume') this.#waitsForMoney = undefined;
    if (event.event === 'task:start') this.#running.add(event.task.id);
    if (!ENDS.has(event.event) || !('task' in event)) return;
    if (event.event === 'task:retry' && event.delayMs !== undefined) return;
    this.#running.delete(event.task.id);
    if (event.event === 'task:complete') this.#completed += 1;
    if (event.event === 'task:fail') this.#failed += 1;
  }

  onLimits(states: () => ModelState[]): void {
    this.#limits = states;
  }

  close(): void {
    this.#spinner.stop();
  }

  /** `3 done, 64 running, 0 failed, 12 waiting for requests (598 of 600/min), 12s, about 40s left` */
  text(): string {
    const elapsed = this.#now() - this.#startedAt;
    const ended = this.#completed + this.#failed;
    const left = Math.max(0, this.#total - ended);
    const eta = ended > 0 && left > 0 ? `, about ${wholeSeconds((elapsed / ended) * left)} left` : '';
    const counts = `${this.#completed} done, ${this.#running.size} running, ${this.#failed} failed`;
    const limits = limitsText(this.#limits(), this.#now());
    if (this.#waitsForMoney) limits.push(`waiting for ${this.#waitsForMoney}`);
    return `${[counts, ...limits, wholeSeconds(elapsed)].join(', ')}${eta}`;
  }

  #begin(): void {
    this.#startedAt = this.#now();
    this.#spinner.start();
  }
}

const ENDS = new Set(['task:complete', 'task:fail', 'task:retry', 'task:release', 'task:lost']);
