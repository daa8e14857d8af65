import type { RunEvent } from '../../model/event.ts';
import { age, number, SYMBOLS } from '../format.ts';
import { beat, type HeartbeatOptions } from '../heartbeat.ts';
import { Fates } from './fates.ts';
import type { Reporter } from './reporter.ts';

export interface RunHeartbeatOptions extends HeartbeatOptions {
  /** Tasks that are there to be done; undefined where nobody knows, since more are waited for. */
  total: number | undefined;
}

/** Says how far a run is, and what runs longest, where it has been silent. */
export class RunHeartbeat implements Reporter {
  readonly #options: RunHeartbeatOptions;
  /** When the work on each task that runs began. */
  readonly #since = new Map<string, number>();
  readonly #fates = new Fates();
  #end: () => void = () => undefined;

  constructor(options: RunHeartbeatOptions) {
    this.#options = options;
  }

  onEvent(event: RunEvent): void {
    this.#fates.onEvent(event);
    if (event.event === 'run:start') this.#end = beat(this.#options, (ms) => this.text(ms));
    if (event.event === 'task:start') this.#since.set(event.task.id, this.#options.time.now());
    if (!ENDS.has(event.event) || !('task' in event)) return;
    if (event.event === 'task:retry' && event.delayMs !== undefined) return;
    this.#since.delete(event.task.id);
  }

  close(): void {
    this.#end();
  }

  /** `· 12 completed, 1 failed, 3 running, 34 to go, 5m; task-007 has run for 3m20s`. @param ms how long the run has taken. */
  text(ms: number): string {
    const { time, total } = this.#options;
    const { completed, failed } = this.#fates;
    const running = this.#since.size;
    const parts = [`${number(completed)} completed`, `${number(failed)} failed`, `${running} running`];
    const left = total === undefined ? 0 : total - completed - failed - running;
    if (left > 0) parts.push(`${number(left)} to go`);
    parts.push(age(ms));
    // The first to begin stands first.
    const [longest] = this.#since;
    const oldest = longest ? `; ${longest[0]} has run for ${age(time.now() - longest[1])}` : '';
    return `${SYMBOLS.note} ${parts.join(', ')}${oldest}`;
  }
}

const ENDS = new Set(['task:complete', 'task:fail', 'task:retry', 'task:release', 'task:lost']);
