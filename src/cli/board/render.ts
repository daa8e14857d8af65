import { age, more, number, SYMBOLS, wholeSeconds } from '../format.ts';
import { limitsText } from '../reporters/limits.ts';
import { oneLine } from '../safe-text.ts';
import { stateBar } from '../state-bar.ts';
import type { Paint } from '../terminal.ts';
import { cut, padded, width } from '../width.ts';
import { joined } from '../wrap.ts';
import type { Board, RunningTask } from './board.ts';

export interface Screen {
  columns: number;
  rows: number;
  paint: Paint;
  /** Milliseconds since the epoch. */
  now: number;
}

/** Longest bar. */
const MAX_BAR = 60;

/** A description in fewer columns says nothing. */
const MIN_DESCRIPTION = 8;

/** The board as lines that fit: none is wider than the screen, and they leave a row for the cursor. The text of the tasks comes from anywhere. */
export function boardLines(board: Board, screen: Screen): string[] {
  const rows = Math.max(1, screen.rows - 1);
  const foot = footLines(board, screen).slice(0, rows);
  return [...runningLines(board.running, rows - foot.length, screen), ...foot];
}

function runningLines(running: RunningTask[], rows: number, screen: Screen): string[] {
  const isTooMuch = running.length > rows;
  const shown = running.slice(0, isTooMuch ? Math.max(0, rows - 1) : rows);
  const widths = {
    id: Math.min(Math.max(8, ...shown.map(({ id }) => id.length)), Math.floor(screen.columns / 3)),
    age: Math.max(4, ...shown.map(({ since }) => age(screen.now - since).length)),
  };
  const lines = shown.map((task) => runningLine(task, widths, screen));
  if (!isTooMuch || rows < 1) return lines;
  return [...lines, screen.paint.dim(cut(`  ${more(running.length - shown.length)}`, screen.columns))];
}

/** `▶ task-001    12s  verifying, attempt 2  Write a haiku` */
function runningLine(
  task: RunningTask,
  widths: { id: number; age: number },
  { columns, now, paint }: Screen,
): string {
  const { id, since, phase, attempt, run } = task;
  const again = attempt > 1 ? `, attempt ${attempt}` : '';
  const held = run === undefined ? '' : `, ${oneLine(run)}`;
  const head = `${padded(cut(id, widths.id), widths.id)}  ${age(now - since).padStart(widths.age)}  ${phase}${again}${held}`;
  const room = columns - width(head) - `${SYMBOLS.in_progress}   `.length;
  const description = room < MIN_DESCRIPTION ? '' : oneLine(task.description, room);
  if (description === '') return paint.cyan(`${SYMBOLS.in_progress} ${cut(head, columns - 2)}`);
  return `${paint.cyan(`${SYMBOLS.in_progress} ${head}`)}  ${description}`;
}

function footLines(board: Board, screen: Screen): string[] {
  const { columns, now, paint } = screen;
  const { completed, failed, running, total } = board;
  const left = Math.max(0, total - completed - failed - running.length);
  const counts = { completed, failed, in_progress: running.length, pending: left };
  const facts = [...countsOf(board), ...paceOf(board, now)];
  return [
    stateBar(counts, Math.min(columns, MAX_BAR), paint),
    ...joined(facts, columns),
    ...[...board.notes, ...limitsText(board.limits, now)].map((note) => paint.yellow(oneLine(note, columns))),
  ].filter((line) => line !== '');
}

function countsOf({ completed, failed, retried, total }: Board): string[] {
  const counts = [`${number(completed)} of ${number(total)} done`, `${number(failed)} failed`];
  return retried > 0 ? [...counts, `${number(retried)} retried`] : counts;
}

function paceOf({ completed, failed, total, startedAt, cost, startsNothing }: Board, now: number): string[] {
  const elapsed = startedAt === undefined ? 0 : Math.max(0, now - startedAt);
  const ended = completed + failed;
  const facts: string[] = [];
  // What ended within the first second says little of the pace.
  const hasPace = ended > 0 && elapsed >= 1000;
  if (hasPace) facts.push(`${rateText((ended / elapsed) * 60_000)}/min`);
  if (cost !== undefined) facts.push(cost);
  if (startedAt !== undefined) facts.push(age(elapsed));
  if (hasPace && total > ended && !startsNothing)
    facts.push(`about ${etaText((elapsed / ended) * (total - ended))} left`);
  return facts;
}

function rateText(perMinute: number): string {
  return perMinute >= 100
    ? number(Math.round(perMinute))
    : String(Number(perMinute.toFixed(perMinute < 10 ? 1 : 0)));
}

/** From an hour on, minutes are exact enough. */
function etaText(ms: number): string {
  const minute = 60_000;
  return wholeSeconds(ms < 60 * minute ? ms : Math.ceil(ms / minute) * minute);
}
