import type { ModelState } from '../../claude/governor/state.ts';
import type { RunEvent, StopReason } from '../../model/event.ts';
import { LiveBoard, type LiveBoardOptions } from '../board/live-board.ts';
import { boardLines } from '../board/render.ts';
import { RunBoard } from '../board/run-board.ts';
import { putFoot, redacted } from '../output.ts';
import type { Reporter } from './reporter.ts';

export interface LiveOptions extends Omit<LiveBoardOptions, 'lines'> {
  /** Tasks that are there to be done; more may come. */
  total: number;
}

/** What runs and how far the run is, at the foot of the terminal; lines scroll above it. */
export class LiveReporter implements Reporter {
  readonly #options: LiveOptions;
  readonly #board: RunBoard;
  #live: LiveBoard | undefined;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#board = new RunBoard(options.total, redacted);
  }

  onEvent(event: RunEvent): void {
    this.#board.onEvent(event);
    if (event.event === 'run:start') this.#begin();
    else this.#live?.changed();
  }

  onLimits(states: () => ModelState[]): void {
    this.#board.onLimits(states);
    this.#live?.changed();
  }

  onStop(reason: () => StopReason | undefined): void {
    this.#board.onStop(reason);
  }

  close(): void {
    putFoot(undefined);
    this.#live?.close();
    this.#live = undefined;
  }

  #begin(): void {
    this.#live = new LiveBoard({
      ...this.#options,
      lines: (screen) => boardLines(this.#board.at(screen.now), screen),
    });
    putFoot(this.#live);
  }
}
