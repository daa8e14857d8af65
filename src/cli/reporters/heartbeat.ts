import type { Clock } from '../../model/clock.ts';
import type { RunEvent } from '../../model/event.ts';

import { age, SYMBOLS } from '../format.ts';
import { Fates } from './fates.ts';

import type { Reporter } from './reporter.ts';

/** Milliseconds of silence after which a job is shown to be alive. */
const DEFAULT_MS = 60_000;

/** Milliseconds of silence after which a run says something; undefined: it does not, since somebody watches, or nobody wants it. */
export function heartbeatMs(
  asked: number | undefined,
  { quiet, isWatched }: { quiet: boolean; isWatched: boolean },
): number | undefined {
  if (isWatched || asked === 0) return undefined;
  return asked ?? (quiet ? undefined : DEFAULT_MS);
}

/** Whether standard output is seen by whoever waits for a sign of life: JSON is for a program, a file for later, and /dev/null for nobody. */
export function isSeen(
  out: { isTTY: boolean; isFIFO(): boolean; isSocket(): boolean },
  json: boolean,
): boolean {
  return !json && (out.isTTY || out.isFIFO() || out.isSocket());
}

export interface HeartbeatOptions {
  /** Milliseconds of silence after which it says something. */
  everyMs: number;
  /** Tasks that are there to be done; undefined where nobody knows, since more are waited for. */
  total: number | undefined;
  /** When something was last printed, by anybody here; milliseconds since the epoch. */
  lastSaidAt(): number;
  say(line: string): void;
  time: Clock & {
    /** Calls `action` once, after so many milliseconds. @returns what calls that off. */
    after(ms: number, action: () => void): () => void;
  };
}

/** Where nobody watches: a line now and then, so that whoever looks at a job's silence, and ends it, sees that it works. */
export class Heartbeat implements Reporter {
  readonly #options: HeartbeatOptions;
  /** When the work on each task that runs began. */
  readonly #since = new Map<string, number>();
  readonly #fates = new Fates();
  #startedAt = 0;
  #callOff: () => void = () => undefined;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  onEvent(event: RunEvent): void {
    this.#fates.onEvent(event);
    if (event.event === 'run:start') {
      this.#startedAt = this.#options.time.now();
      this.#wait(this.#options.everyMs);
    }
    if (event.event === 'task:start') this.#since.set(event.task.id, this.#options.time.now());
    if (!ENDS.has(event.event) || !('task' in event)) return;
    if (event.event === 'task:retry' && event.delayMs !== undefined) return;
    this.#since.delete(event.task.id);
  }

  close(): void {
    this.#callOff();
  }

  #wait(ms: number): void {
    this.#callOff = this.#options.time.after(ms, () => this.#look());
  }

  #look(): void {
    const { time, everyMs, lastSaidAt, say } = this.#options;
    const silent = time.now() - Math.max(lastSaidAt(), this.#startedAt);
    const isSilent = silent >= everyMs;
    if (isSilent) say(this.text());
    this.#wait(isSilent ? everyMs : everyMs - silent);
  }

  /** `· 12 completed, 1 failed, 3 running, 34 to go, 5m; task-007 has run for 3m20s` */
  text(): string {
    const { time, total } = this.#options;
    const { completed, failed } = this.#fates;
    const running = this.#since.size;
    const parts = [`${completed} completed`, `${failed} failed`, `${running} running`];
    const left = total === undefined ? 0 : total - completed - failed - running;
    if (left > 0) parts.push(`${left} to go`);
    parts.push(age(time.now() - this.#startedAt));
    // The first to begin stands first.
    const [longest] = this.#since;
    const oldest = longest ? `; ${longest[0]} has run for ${age(time.now() - longest[1])}` : '';
    return `${SYMBOLS.note} ${parts.join(', ')}${oldest}`;
  }
}

const ENDS = new Set(['task:complete', 'task:fail', 'task:retry', 'task:release', 'task:lost']);
