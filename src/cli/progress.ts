import type { Context } from './context.ts';
import { count } from './format.ts';
import { isInteractive } from './terminal.ts';
import { cut } from './width.ts';

/** Milliseconds that a command may take without saying how far it is. */
const PATIENCE_MS = 1_000;

/** A line at the foot of the terminal that says how far a command is. */
export interface Progress {
  /** What it says now. */
  text: () => string;
  /** Takes it away. */
  end(): void;
}

/** On standard error, where it takes longer than a second. It is not for pipes, nor where JSON or quiet was asked for. */
export function showProgress({ json, quiet, env }: Context): Progress {
  const stream = process.stderr;
  const progress: Progress = { text: () => '', end: () => {} };
  if (json || quiet || !isInteractive(stream, env)) return progress;
  const timer = setTimeout(async () => {
    let isOver = false;
    progress.end = () => {
      isOver = true;
    };
    const { default: ora } = await import('ora');
    if (isOver) return;
    const suffixText = () => cut(progress.text(), (stream.columns ?? 80) - 4);
    // A command that is killed must leave the cursor, and its keyboard, as they were.
    const spinner = ora({ stream, color: false, discardStdin: false, hideCursor: false, suffixText });
    spinner.start();
    progress.end = () => void spinner.stop();
  }, PATIENCE_MS);
  progress.end = () => clearTimeout(timer);
  return progress;
}

/** `rows.csv: 45,000 rows, 43 %` */
export function readSoFar(
  { name, read, size }: { name: string; read: number; size?: number },
  rows: number,
): string {
  const share = size ? `, ${Math.floor((100 * Math.min(read, size)) / size)} %` : '';
  return `${name}: ${count(rows, 'row')}${share}`;
}
