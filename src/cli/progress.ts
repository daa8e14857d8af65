import { hasPlaceForBoard } from './board/place.ts';
import { SIGNAL_EXIT, type StopSignal } from './exit-codes.ts';
import { age, count } from './format.ts';
import { putFoot } from './output.ts';
import type { HowFar } from './progress-line.ts';
import { isWatched, type Paint } from './terminal.ts';

/** Milliseconds that a command may take without saying how far it is. */
const PATIENCE_MS = 1_000;

/** Milliseconds between two looks at how far it is. */
const LOOK_MS = 100;

/** As much of a command's context as says whether anybody wants to see it. */
export interface Onlooker {
  json: boolean;
  quiet: boolean;
  env: NodeJS.ProcessEnv;
  paintError(): Promise<Paint>;
}

/** A line at the foot of the terminal that says how far a command is. */
export interface Progress {
  /** What it says now. */
  howFar: () => HowFar;
  /** Takes it away. */
  end(): void;
}

/** The one that is shown, or will be: there is one at a time. */
let current: Progress | undefined;

/**
 * On standard error, where it takes longer than a second: a bar, or a sign that turns where nobody can tell how much there is. It is not
 * for pipes, nor where JSON or quiet was asked for. What a command does within something that has such a line has none of its own.
 */
export function showProgress(onlooker: Onlooker): Progress {
  const progress: Progress = { howFar: () => ({ text: '' }), end: () => {} };
  const { json, quiet, env } = onlooker;
  if (json || quiet || current || !isWatched(process.stderr, env)) return progress;
  current = progress;
  const over = new AbortController();
  const timer = setTimeout(() => void show(progress, onlooker, over.signal), PATIENCE_MS);
  progress.end = () => {
    if (over.signal.aborted) return;
    current = undefined;
    clearTimeout(timer);
    over.abort();
  };
  return progress;
}

/** Takes away what is shown, or would be: the terminal is for a person who types. @returns whether there was anything. */
export function endProgress(): boolean {
  if (!current) return false;
  current.end();
  return true;
}

async function show(progress: Progress, onlooker: Onlooker, over: AbortSignal): Promise<void> {
  const [{ LiveBoard }, { Turn }, { progressLine }, { default: ora }] = await Promise.all([
    import('./board/live-board.ts'),
    import('./board/turn.ts'),
    import('./progress-line.ts'),
    import('ora'),
  ]);
  const paint = await onlooker.paintError();
  if (over.aborted) return;
  // It says how the sign turns; where the line stands, and that nothing of it is left, is for the board.
  const sign = ora({ isEnabled: false, color: false });
  const stopListening = beforeDeath(() => progress.end());
  const live = new LiveBoard({
    terminal: process.stderr,
    paint,
    lines: ({ columns }) => [progressLine(progress.howFar(), columns, paint, sign.frame().trim())],
  });
  const turn = new Turn();
  const looks = setInterval(() => turn.next(() => live.changed()), LOOK_MS);
  // What is printed meanwhile goes above it.
  putFoot(live);
  over.addEventListener('abort', () => {
    clearInterval(looks);
    turn.cancel();
    stopListening();
    putFoot(undefined);
    live.close();
  });
}

const SIGNALS = Object.keys(SIGNAL_EXIT) as StopSignal[];

/** Clears up before a signal ends the process, unless a command has something better to do about it. @returns what stops listening. */
function beforeDeath(clear: () => void): () => void {
  const onSignal = (signal: StopSignal): void => {
    if (process.listenerCount(signal) > 1) return;
    clear();
    process.kill(process.pid, signal);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
}

/**
 * What a command says of itself while it waits and prints now and then what it has seen. Not where standard output is a pipe, which may lead to
 * the same terminal. @param text what to say, with how long it has taken in milliseconds. @returns what takes it away.
 */
export function sayMeanwhile(onlooker: Onlooker, text: (ms: number) => string): () => void {
  const progress = showProgress({ ...onlooker, quiet: onlooker.quiet || !hasPlaceForBoard(onlooker.env) });
  const began = Date.now();
  progress.howFar = () => ({ text: text(Date.now() - began) });
  return () => progress.end();
}

/** Does something that may take its time, and says meanwhile what, and for how long: `looking at the store, 3s`. */
export async function whileWaiting<T>(
  onlooker: Onlooker,
  what: string | (() => string),
  work: () => Promise<T>,
): Promise<T> {
  const progress = showProgress(onlooker);
  const began = Date.now();
  const words = typeof what === 'string' ? () => what : what;
  progress.howFar = () => ({ text: `${words()}, ${age(Date.now() - began)}` });
  try {
    return await work();
  } finally {
    progress.end();
  }
}

/** `rows.csv: 45,000 rows`, and which part of the bytes that is. */
export function readSoFar(
  { name, read, size }: { name: string; read: number; size?: number },
  rows: number,
): HowFar {
  return { name, text: count(rows, 'row'), share: size ? read / size : undefined };
}
