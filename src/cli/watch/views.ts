import type { RunEvent } from '../../model/event.ts';
import type { Board } from '../board/board.ts';
import { hasPlaceForBoard } from '../board/place.ts';
import { type Context, nameOfStore } from '../context.ts';
import { printFitted } from '../fitted-lines.ts';
import { SYMBOLS } from '../format.ts';
import { print, printJson, putFoot, redacted } from '../output.ts';
import { briefEvent } from '../reporters/json.ts';
import { LinesReporter } from '../reporters/lines.ts';
import { placeText } from '../run-texts.ts';
import { oneLine } from '../safe-text.ts';
import { columnsOf } from '../terminal.ts';
import type { Look } from './look.ts';
import { storeBoard } from './store-board.ts';

/** Shows one look after the other. */
export interface View {
  show(look: Look): void;
  close(): void;
}

/** JSON alone, or lines, with a board on a terminal. */
export async function viewOf(context: Context): Promise<View> {
  if (context.json)
    return { show: ({ events }) => events.map(briefEvent).forEach(printJson), close: () => undefined };
  const lines = linesView(context);
  const hasBoard = !context.quiet && hasPlaceForBoard(context.env);
  return hasBoard ? boardView(context, lines) : lines;
}

function linesView(context: Context): View {
  const { paint, quiet, verbose } = context;
  const lines = new LinesReporter({ print, paint, verbose, columns: () => columnsOf(process.stdout) });
  let known: Look['runs'] | undefined;
  const name = nameOfStore(context);
  return {
    show: ({ events, runs }) => {
      const { came, went } = comingsAndGoings(known, runs, name);
      known = runs;
      if (!quiet) for (const line of came) printFitted(line, (text) => paint.dim(text));
      for (const event of events) if (!quiet || isProblem(event)) lines.onEvent(event);
      if (!quiet) for (const line of went) printFitted(line, (text) => paint.dim(text));
    },
    close: () => undefined,
  };
}

async function boardView(context: Context, lines: View): Promise<View> {
  const { LiveBoard } = await import('../board/live-board.ts');
  const { boardLines } = await import('../board/render.ts');
  const paint = await context.paintError();
  const options = { name: nameOfStore(context), clean: redacted };
  let board: Board | undefined;
  let live: InstanceType<typeof LiveBoard> | undefined;
  return {
    show: (look) => {
      board = storeBoard(look, options);
      live ??= new LiveBoard({
        terminal: process.stderr,
        paint,
        lines: (screen) => boardLines(board as Board, screen),
      });
      putFoot(live);
      lines.show(look);
      live.changed();
    },
    close: () => {
      putFoot(undefined);
      live?.close();
    },
  };
}

function isProblem({ event }: RunEvent): boolean {
  return event === 'task:fail';
}

/** Lines for what happened before and after all else. @param before undefined: nothing is known yet. */
function comingsAndGoings(
  before: Look['runs'] | undefined,
  now: Look['runs'],
  store: string,
): { came: string[]; went: string[] } {
  const without = (runs: Look['runs'], others: Look['runs'] = []) =>
    runs.filter(({ id }) => !others.some((other) => other.id === id));
  const gone = without(before ?? [], now);
  const isAlone = now.length === 0 && (before === undefined || gone.length > 0);
  return {
    came: without(now, before).map(
      (run) => `${SYMBOLS.note} ${oneLine(run.id)} (${placeText(run)}) works on ${oneLine(store)}`,
    ),
    went: [
      ...gone.map(({ id }) => `${SYMBOLS.note} ${oneLine(id)} has left`),
      ...(isAlone ? [`${SYMBOLS.note} no run works on ${oneLine(store)}`] : []),
    ],
  };
}
