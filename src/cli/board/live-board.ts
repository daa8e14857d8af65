import { fstatSync } from 'node:fs';
import type { Foot } from '../output.ts';
import type { Paint } from '../terminal.ts';
import { isInForeground } from './place.ts';
import { Region } from './region.ts';
import type { Screen } from './render.ts';
import { Turn } from './turn.ts';

/** Shortest time between two drawings, and longest between two that only make the tasks look older. Milliseconds. */
const DRAW_MS = 100;
const TICK_MS = 1_000;

/** After so many milliseconds without a tick the process was stopped, and others may have written to the terminal. */
const STOPPED_MS = 2_500;

/** For so many milliseconds what was drawn is taken for new. */
const RECENT_MS = 20;

export interface LiveBoardOptions {
  /** A terminal. */
  terminal: NodeJS.WriteStream;
  /** What is to be seen: none may be wider than the screen, and they leave a row for the cursor. */
  lines(screen: Screen): string[];
  paint: Paint;
  /** Milliseconds since the epoch. Default: the system's clock. */
  now?: () => number;
}

/** A window that is dragged has another size again and again; it rests when nothing was heard for so many milliseconds. tmux tells every 250. */
const REST_MS = 400;

/** Keeps lines, such as a board, at the foot of a terminal. */
export class LiveBoard implements Foot {
  readonly #options: LiveBoardOptions;
  readonly #region: Region;
  readonly #ticks: NodeJS.Timeout;
  readonly #turn = new Turn();
  #late: NodeJS.Timeout | undefined;
  #rest: NodeJS.Timeout | undefined;
  /** What is to scroll above once the size rests. */
  #waiting: [stream: NodeJS.WriteStream, text: string][] = [];
  readonly #ours = new Map<NodeJS.WriteStream, boolean>();
  #shown: string[] = [];
  #size = '';
  #drawnAt = Number.NEGATIVE_INFINITY;
  #aliveAt = performance.now();
  #askedAt = Number.NEGATIVE_INFINITY;
  #isInForeground = true;

  constructor(options: LiveBoardOptions) {
    this.#options = options;
    this.#region = new Region(options.terminal);
    this.#ticks = setInterval(() => this.#turn.next(this.#tick), TICK_MS).unref();
    options.terminal.on('resize', this.#onResize);
    process.on('SIGCONT', this.#onContinue).on('exit', this.close);
    this.#draw();
  }

  /** There is something new to show. */
  changed(): void {
    const early = this.#drawnAt + DRAW_MS - performance.now();
    if (early <= 0) this.#draw();
    else this.#late ??= setTimeout(() => this.#turn.next(this.#draw), early).unref();
  }

  above(stream: NodeJS.WriteStream, text: string): void {
    this.#noticeStop();
    if (!stream.isTTY) stream.write(text);
    else if (!this.#isOnScreen()) stream.write(text);
    else if (this.#rest !== undefined) this.#waiting.push([stream, text]);
    else if (this.#isOurs(stream)) this.#region.above(text, this.#recentLines());
    else this.#region.around(() => stream.write(text), this.#recentLines());
  }

  close = (): void => {
    clearInterval(this.#ticks);
    clearTimeout(this.#late);
    this.#turn.cancel();
    this.#onRest();
    this.#options.terminal.off('resize', this.#onResize);
    process.off('SIGCONT', this.#onContinue).off('exit', this.close);
    if (this.#isOnScreen()) this.#region.clear();
  };

  #tick = (): void => {
    this.#noticeStop();
    this.#aliveAt = performance.now();
    this.#draw();
  };

  #draw = (): void => {
    clearTimeout(this.#late);
    this.#late = undefined;
    this.#noticeStop();
    if (this.#rest === undefined && this.#isOnScreen()) this.#region.draw(this.#lines());
  };

  /** What is written now would reach a terminal that has another size by then, and begin at a wrong row: it waits until the size rests. */
  #onResize = (): void => {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(this.#onRest, REST_MS).unref();
  };

  #onRest = (): void => {
    if (this.#rest === undefined) return;
    clearTimeout(this.#rest);
    this.#rest = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const [stream, text] of waiting) this.above(stream, text);
    this.#draw();
  };

  /** A job in the background shows nothing, and finds another screen when it comes back. */
  #isOnScreen(): boolean {
    const now = performance.now();
    if (now - this.#askedAt > RECENT_MS) {
      this.#isInForeground = isInForeground();
      this.#askedAt = now;
    }
    if (!this.#isInForeground) this.#region.forget();
    return this.#isInForeground;
  }

  /** What is overdue when the process goes on comes before the signal is heard. */
  #noticeStop(): void {
    const now = performance.now();
    if (now - this.#aliveAt > STOPPED_MS) this.#region.forget();
    this.#aliveAt = Math.max(this.#aliveAt, now - TICK_MS);
  }

  /** It was stopped, and whoever had the terminal meanwhile has written to it. */
  #onContinue = (): void => {
    this.#region.forget();
    this.#draw();
  };

  /** Where many lines are printed at once, what stands below them is not made anew for each. */
  #recentLines(): string[] {
    const { columns, rows } = this.#options.terminal;
    const isRecent = performance.now() - this.#drawnAt < RECENT_MS;
    if (!isRecent || this.#size !== `${columns}x${rows}`) return this.#lines();
    this.changed();
    return this.#shown;
  }

  #lines(): string[] {
    const { terminal, lines, paint, now = Date.now } = this.#options;
    const { columns = 80, rows = 24 } = terminal;
    this.#drawnAt = performance.now();
    this.#size = `${terminal.columns}x${terminal.rows}`;
    const at = now();
    // In the last column, terminals do not agree where the cursor is once it is filled.
    this.#shown = columns > 1 ? lines({ columns: columns - 1, rows, paint, now: at }) : [];
    return this.#shown;
  }

  #isOurs(stream: NodeJS.WriteStream): boolean {
    const known = this.#ours.get(stream) ?? isSame(stream, this.#options.terminal);
    this.#ours.set(stream, known);
    return known;
  }
}

/** Whether two streams end at the same place. A terminal may have two names: then they are taken for two. */
function isSame(one: NodeJS.WriteStream, other: NodeJS.WriteStream): boolean {
  const [a, b] = [one, other].map((stream) => ('fd' in stream ? fstatSync(Number(stream.fd)) : undefined));
  return one === other || (a !== undefined && a.dev === b?.dev && a.ino === b.ino);
}
