import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Cli, Options } from './cli.ts';

/** What tests read of an event. */
interface WatchedEvent {
  event: string;
  run: string;
  task?: { id: string };
  stats?: { completed: number; stopReason?: { kind: string } };
  inFlight?: number;
}

/** A run with `--json`, or another command that prints events, which the test reads one by one. */
export class WatchedRun {
  readonly child: ChildProcess;
  readonly events: WatchedEvent[] = [];
  /** What was read so far, as it was printed. */
  readonly lines: string[] = [];
  readonly #lines: AsyncIterator<string>;
  readonly #closed: Promise<unknown[]>;

  constructor(
    cli: Cli,
    args: string[],
    { command = 'run', ...options }: Options & { command?: 'run' | 'watch' } = {},
  ) {
    this.child = cli.start([command, '--json', ...args], options);
    this.child.stderr?.resume();
    this.#closed = once(this.child, 'close');
    this.#lines = createInterface({ input: this.child.stdout as Readable })[Symbol.asyncIterator]();
  }

  /** Reads on to the next such event. */
  async until(name: string): Promise<WatchedEvent> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`it ended without ${name} after ${this.story.join(', ')}`);
      this.lines.push(value);
      const event = JSON.parse(value) as WatchedEvent;
      this.events.push(event);
      if (event.event === name) return event;
    }
  }

  /** The same, as a test compares it. */
  get story(): string[] {
    return this.events.map(({ event, task }) => (task ? `${event} ${task.id}` : event));
  }

  /** Its exit code. */
  async end(): Promise<unknown> {
    const [code] = await this.#closed;
    return code;
  }
}
