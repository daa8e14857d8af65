import type { Context } from './context.ts';
import { count } from './format.ts';
import { putFoot } from './output.ts';
import type { HowFar } from './progress-line.ts';
import { isWatched } from './terminal.ts';

/** Milliseconds that a command may take without saying how far it is. */
const PATIENCE_MS = 1_000;

/** Milliseconds between two looks at how far it is. */
const LOOK_MS = 100;

/** A line at the foot of the terminal that says how far a command is. */
export interface Progress {
  /** What it says now. */
  howFar: () => HowFar;
  /** Takes it away. */
  end(): void;
}

/** On standard error, where it takes longer than a second. It is not for pipes, nor where JSON or quiet was asked for. */
export function showProgress(context: Context): Progress {
  const progress: Progress = { howFar: () => ({ text: '' }), end: () => {} };
  const { json, quiet, env } = context;
  if (json || quiet || !isWatched(process.stderr, env)) return progress;
  const timer = setTimeout(async () => {
    let isOver = false;
    progress.end = () => {
      isOver = true;
    };
    const { LiveBoard } = await import('./board/live-board.ts');
    const { progressLine } = await import('./progress-line.ts');
    const paint = await context.paintError();
    if (isOver) return;
    const live = new LiveBoard({
      terminal: process.stderr,
      paint,
      lines: ({ columns }) => [progressLine(progress.howFar(), columns, paint)],
    });
    const looks = setInterval(() => live.changed(), LOOK_MS);
    // What is printed meanwhile goes above it.
    putFoot(live);
    progress.end = () => {
      progress.end = () => {};
      clearInterval(looks);
      putFoot(undefined);
      live.close();
    };
  }, PATIENCE_MS);
  progress.end = () => clearTimeout(timer);
  return progress;
}

/** `rows.csv: 45,000 rows`, and which part of the bytes that is. */
export function readSoFar(
  { name, read, size }: { name: string; read: number; size?: number },
  rows: number,
): HowFar {
  return { name, text: count(rows, 'row'), share: size ? read / size : undefined };
}
