import { fstatSync } from 'node:fs';
import type { Foot } from '../output.ts';
import type { Paint } from '../terminal.ts';
import type { Board } from './board.ts';
import { Region } from './region.ts';
import { boardLines } from './render.ts';

/** Shortest time between two drawings, and longest between two that only make the tasks look older. Milliseconds. */
const DRAW_MS = 100;
const TICK_MS = 1_000;

export interface LiveBoardOptions {
  /** A terminal. */
  terminal: NodeJS.WriteStream;
  board(now: number): Board;
  paint: Paint;
  /** Milliseconds since the epoch. Default: the system's clock. */
  now?: () => number;
}

/** Keeps a board at the foot of a terminal. */
export class LiveBoard implements Foot {
  readonly #options: LiveBoardOptions;
  readonly #region: Region;
  readonly #ticks: NodeJS.Timeout;
  #late: NodeJS.Timeout | undefined;
  #drawnAt = Number.NEGATIVE_INFINITY;

  constructor(options: LiveBoardOptions) {
    this.#options = options;
    this.#region = new Region(options.terminal);
    this.#ticks = setInterval(this.#draw, TICK_MS).unref();
    options.terminal.on('resize', this.#draw);
    process.on('SIGCONT', this.#onContinue).on('exit', this.close);
    this.#draw();
  }

  /** There is something new to show. */
  changed(): void {
    const early = this.#drawnAt + DRAW_MS - performance.now();
    if (early <= 0) this.#draw();
    else this.#late ??= setTimeout(this.#draw, early).unref();
  }

  above(stream: NodeJS.WriteStream, text: string): void {
    const { terminal } = this.#options;
    if (!stream.isTTY) stream.write(text);
    else if (isSame(stream, terminal)) this.#region.above(text, this.#lines());
    else this.#region.around(() => stream.write(text), this.#lines());
  }

  close = (): void => {
    clearInterval(this.#ticks);
    clearTimeout(this.#late);
    this.#options.terminal.off('resize', this.#draw);
    process.off('SIGCONT', this.#onContinue).off('exit', this.close);
    this.#region.clear();
  };

  #draw = (): void => {
    clearTimeout(this.#late);
    this.#late = undefined;
    this.#region.draw(this.#lines());
  };

  /** It was stopped, and whoever had the terminal meanwhile has written to it. */
  #onContinue = (): void => {
    this.#region.forget();
    this.#draw();
  };

  #lines(): string[] {
    const { terminal, board, paint, now = Date.now } = this.#options;
    this.#drawnAt = performance.now();
    const at = now();
    const { columns = 80, rows = 24 } = terminal;
    // In the last column, terminals do not agree where the cursor is once it is filled.
    return columns > 1 ? boardLines(board(at), { columns: columns - 1, rows, paint, now: at }) : [];
  }
}

/** Whether two streams end at the same place. A terminal may have two names: then they are taken for two. */
function isSame(one: NodeJS.WriteStream, other: NodeJS.WriteStream): boolean {
  const [a, b] = [one, other].map((stream) => ('fd' in stream ? fstatSync(Number(stream.fd)) : undefined));
  return one === other || (a !== undefined && a.dev === b?.dev && a.ino === b.ino);
}
