import { isOrchError } from '../../model/errors.ts';
import type { Intake } from '../../ports/task-store.ts';
import type { Context } from '../context.ts';
import { withPlace } from '../input/refused-row.ts';
import type { Rows } from './given-rows.ts';
import type { AddOptions } from './options.ts';
import { Preparation } from './preparation.ts';

/** What was read, and what is known of it when none of it has been added. */
export interface Taken {
  count: number;
  /** How many of them get an automatic id. */
  unnamed: number;
  preparation: Preparation;
  /** What was thrown, with the place of the row at fault. */
  explained(error: unknown): unknown;
}

/** Hands all rows over. @throws `usage`: one is none, with its place */
export async function take(
  rows: Rows,
  intake: Intake,
  options: AddOptions,
  context: Context,
): Promise<Taken> {
  const preparation = await Preparation.of(options, context, rows.placeOf);
  /** Rows that name what they come after themselves. */
  const naming = new Set<number>();
  // What is not there, and is named by `--after` alone, is no row's fault.
  const explained = (error: unknown) =>
    withPlace(error, (index) =>
      isOrchError(error, 'not-found') && !naming.has(index) ? undefined : rows.placeOf(index),
    );
  let count = 0;
  let unnamed = 0;
  await rows.each((row) => {
    if (row.after !== undefined) naming.add(count);
    const task = preparation.prepared(row, count);
    try {
      intake.take(task);
    } catch (error) {
      throw explained(error);
    }
    count++;
    if (task.id === undefined) unnamed++;
  });
  return { count, unnamed, preparation, explained };
}
