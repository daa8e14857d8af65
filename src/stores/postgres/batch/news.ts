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

/** What others are to be told in a transaction. */
export interface Notice {
  messages: Message[];
  /** To be called once it is kept: until then it may be done again, and nobody has been told. */
  kept(): void;
}

/** @param wants of the runs of this process, before the claims. @param pace of tasks that have ended. */
export function noticeOf(
  news: readonly News[],
  claims: readonly ClaimAnswer[],
  wants: Wants,
  pace: Pace,
  now: number,
): Notice {
  const taken = new Set(claims.map(({ task }) => task?.id));
  const left = new Set(news.flatMap(({ runnable }) => runnable.filter((id) => !taken.has(id))));
  const isSpoken = isSpokenFor(left, wants);
  const runnable: Message[] =
    left.size > 0 ? [{ word: isSpoken ? 'spoken-for' : 'runnable', tasks: [...left] }] : [];
  const settled = news.flatMap((each) => each.settled);
  if (settled.length === 0) return { messages: runnable, kept: () => {} };
  // Each telling costs the whole database something. Who waits for all to have ended hears of it from whoever finds nothing more.
  const isBusy = isSpoken || (claims.length > 0 && claims.every(({ task }) => task));
  if (isBusy && !pace.isDue(now)) return { messages: runnable, kept: () => pace.owe(settled) };
  const tasks = [...new Set([...pace.owed, ...settled])];
  return {
    messages: [...runnable, isBusy ? { word: 'settled', tasks } : { word: 'ended' }],
    kept: () => {
      pace.done(now);
      pace.paid();
    },
  };
}

/** Of several, one may be for others. */
function isSpokenFor(tasks: ReadonlySet<string>, wants: Wants): boolean {
  const [first] = tasks;
  return tasks.size === 1 && first !== undefined && wants.takes(first);
}
