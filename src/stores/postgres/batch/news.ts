import type { ClaimAnswer } from '../../../ports/task-store.ts';
import type { Message } from '../telling/message.ts';
import type { Wants } from '../telling/wants.ts';
import type { Pace } from './pace.ts';

/** What a change makes of the store, for those who wait. */
export interface News {
  /** Tasks that may be runnable now. */
  runnable: readonly string[];
  /** Those that are no longer in progress, or gone. */
  settled: readonly string[];
}

export const NO_NEWS: News = { runnable: [], settled: [] };

/** @param wants of the runs of this process, before the claims. @param pace of tasks that have ended. */
export function messagesOf(
  news: readonly News[],
  claims: readonly ClaimAnswer[],
  wants: Wants,
  pace: Pace,
  now: number,
): Message[] {
  const taken = new Set(claims.map(({ task }) => task?.id));
  const left = new Set(news.flatMap(({ runnable }) => runnable.filter((id) => !taken.has(id))));
  const isSpoken = isSpokenFor(left, wants);
  const runnable: Message[] =
    left.size > 0 ? [{ word: isSpoken ? 'spoken-for' : 'runnable', tasks: [...left] }] : [];
  const settled = news.flatMap((each) => each.settled);
  if (settled.length === 0) return runnable;
  // Each telling costs the whole database something. Who waits for all to have ended hears of it from whoever finds nothing more.
  const isBusy = isSpoken || (claims.length > 0 && claims.every(({ task }) => task));
  pace.owe(settled);
  if (isBusy && !pace.isDue(now)) return runnable;
  const tasks = pace.owed;
  pace.done(now);
  pace.paid();
  return [...runnable, isBusy ? { word: 'settled', tasks } : { word: 'ended' }];
}

/** Of several, one may be for others. */
function isSpokenFor(tasks: ReadonlySet<string>, wants: Wants): boolean {
  const [first] = tasks;
  return tasks.size === 1 && first !== undefined && wants.takes(first);
}
