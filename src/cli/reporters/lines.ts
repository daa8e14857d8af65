import type { RunEvent } from '../../model/event.ts';
import { money, SYMBOLS, when, wholeSeconds } from '../format.ts';
import { firstLine, oneLine } from '../safe-text.ts';
import type { Paint } from '../terminal.ts';
import { cut, padded, width } from '../width.ts';
import { feedbackLines } from './feedback.ts';
import type { Reporter } from './reporter.ts';

export interface LinesOptions {
  print(line: string): void;
  paint: Paint;
  /** What was wrong is shown in full. Default: its first line. */
  verbose?: boolean;
  /** Width of the screen; asked for each line, since it can change. `Infinity` where there is none. */
  columns(): number;
}

/** Longest line where there is no screen to fit. */
const MAX_COLUMNS = 200;

/** Each thing that happens, in a line. A symbol and a word say it; colour only helps. */
export class LinesReporter implements Reporter {
  readonly #options: LinesOptions;
  #hasWaited = false;

  constructor(options: LinesOptions) {
    this.#options = options;
  }

  onEvent(event: RunEvent): void {
    const { print, paint, columns, verbose } = this.#options;
    const said = sayingOf(event, paint);
    if (!said) return;
    // Calls wait for each other again and again where the budget is small: said once, it explains all.
    if (event.event === 'budget:wait' && event.reason === undefined) {
      if (this.#hasWaited) return;
      this.#hasWaited = true;
    }
    const [colour, head, rest] = said;
    const room = Math.max(0, Math.min(columns(), MAX_COLUMNS) - width(head) - 2);
    const isBelow = room < LEAST_ROOM && width(rest) > room;
    if (rest === '' || isBelow) print(colour(cut(head, columns())));
    else print(`${colour(head)}  ${cut(rest, room)}`);
    if (isBelow) print(`  ${cut(rest, Math.max(0, columns() - 2))}`);
    if (verbose) for (const line of feedbackLines(event, room, columns())) print(paint.dim(line));
  }
}

/** Columns in which something can be said; with fewer left, it stands on a line of its own. */
const LEAST_ROOM = 12;

type Saying = [colour: (text: string) => string, head: string, rest: string];

function sayingOf(event: RunEvent, paint: Paint): Saying | undefined {
  switch (event.event) {
    case 'task:start': {
      const again = event.resumed
        ? ' again, to verify'
        : event.attempt > 1
          ? ` again, attempt ${event.attempt}`
          : '';
      return [
        paint.cyan,
        head(SYMBOLS.in_progress, event.task.id, `started${again}`),
        oneLine(event.task.description, MAX_COLUMNS),
      ];
    }
    case 'task:retry': {
      const wait = event.delayMs === undefined ? '' : `, in ${wholeSeconds(event.delayMs)}`;
      const word = `retry (${CAUSES[event.cause]}${wait})`;
      return [paint.yellow, head('↻', event.task.id, word), firstLine(event.reason, MAX_COLUMNS)];
    }
    case 'task:complete': {
      const { task, attempt } = event;
      const proof = task.verified ? '' : ', unverified';
      const attempts = attempt > 1 ? `at attempt ${attempt}` : '';
      return [
        task.verified ? paint.green : paint.yellow,
        head(SYMBOLS.completed, task.id, `completed${proof}`),
        attempts,
      ];
    }
    case 'task:fail':
      return [
        paint.red,
        head(
          SYMBOLS.failed,
          event.task.id,
          event.error.kind === 'failed' ? 'failed' : `failed (${event.error.kind})`,
        ),
        firstLine(event.error.message, MAX_COLUMNS),
      ];
    case 'task:release':
      return [
        paint.dim,
        head(SYMBOLS.pending, event.task.id, 'released'),
        firstLine(event.reason, MAX_COLUMNS),
      ];
    case 'task:lost':
      return [paint.yellow, head('!', event.task.id, 'lost'), firstLine(event.reason, MAX_COLUMNS)];
    case 'task:cost-warning': {
      const { task, spentUsd, limitUsd } = event;
      return [
        paint.yellow,
        head('!', task.id, `has cost ${money(spentUsd)} of the ${money(limitUsd)} that it may`),
        '',
      ];
    }
    case 'safety:trip':
      return [paint.red, '■ stopped by a safety check', firstLine(event.reason, MAX_COLUMNS)];
    case 'budget:warning': {
      const { spentUsd, capUsd = 0 } = event.pool;
      return [paint.yellow, `! ${money(spentUsd)} of ${money(capUsd)} is spent`, ''];
    }
    case 'budget:wait': {
      const { spentUsd, reservedUsd, capUsd = 0 } = event.pool;
      if (event.reason !== undefined)
        return [paint.dim, `${SYMBOLS.note} waits for money`, oneLine(event.reason)];
      const rest = `${money(reservedUsd)} of ${money(capUsd)} is set aside by calls under way, ${money(spentUsd)} is spent`;
      return [paint.dim, `${SYMBOLS.note} waits for money`, rest];
    }
    case 'run:wait':
      return [paint.dim, `${SYMBOLS.note} waits for what is due`, `not before ${when(event.dueAt)}`];
    case 'run:pause':
      return [paint.yellow, '‖ paused', ''];
    case 'run:resume':
      return [paint.cyan, `${SYMBOLS.in_progress} resumed`, ''];
    default:
      return undefined;
  }
}

const CAUSES = {
  rejected: 'rejected',
  failed: 'failed',
  transient: 'not served',
  inconclusive: 'could not tell',
};

function head(symbol: string, id: string, word: string): string {
  return `${symbol} ${padded(id, 8)}  ${word}`;
}
