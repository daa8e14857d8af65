import type { TaskStatus } from '../model/task.ts';
import { SYMBOLS } from './format.ts';
import type { Paint } from './terminal.ts';

/** What is over stands first, so that the bar fills from the left. */
export const BAR_ORDER: readonly TaskStatus[] = ['completed', 'failed', 'in_progress', 'pending'];

const COLOURS = { completed: 'green', failed: 'red', in_progress: 'cyan', pending: 'dim' } as const;

/** How the tasks are spread over the states, in exactly `width` columns: each state by its own symbol. Empty where there is no task. */
export function stateBar(counts: Record<TaskStatus, number>, width: number, paint: Paint): string {
  const columns = shares(
    BAR_ORDER.map((status) => counts[status]),
    width,
  );
  return BAR_ORDER.map((status, i) => {
    const part = SYMBOLS[status].repeat(columns[i] ?? 0);
    return part && paint[COLOURS[status]](part);
  }).join('');
}

/**
 * Divides `width` among these amounts: in whole columns that add up to it, and at least one for each that is not zero.
 * @param width at least as much as there are amounts.
 */
export function shares(amounts: readonly number[], width: number): number[] {
  const total = amounts.reduce((sum, amount) => sum + amount, 0);
  if (total === 0) return amounts.map(() => 0);
  const exact = amounts.map((amount) => (amount / total) * width);
  const given = exact.map((share) => (share > 0 ? Math.max(1, Math.floor(share)) : 0));
  const left = () => width - given.reduce((sum, columns) => sum + columns, 0);
  // What is furthest from its due gets the next column, or gives one back; the last one is taken from nobody.
  while (left() > 0) give(given, 1, (i) => exact[i]! - given[i]!);
  while (left() < 0) give(given, -1, (i) => (given[i]! > 1 ? given[i]! - exact[i]! : -Infinity));
  return given;
}

function give(given: number[], columns: number, need: (i: number) => number): void {
  let neediest = 0;
  for (let i = 1; i < given.length; i++) if (need(i) > need(neediest)) neediest = i;
  given[neediest]! += columns;
}
