import { leftUsd, type Pool } from '../model/pool.ts';
import type { Leaving, LeftOut } from './left-out.ts';
import { allWait, doesNotFit, noRoom, waitsForRoom } from './money-words.ts';
import type { TaskMoney } from './task-budget.ts';

/** A call for which the pool has no room, nor gets any by what is under way. Amounts are US dollars. */
interface UnmetCall {
  task: TaskMoney;
  /** What it may cost; undefined: not known. */
  usd: number | undefined;
  pool: Pool;
  /** What other runs that do not move have set aside, by run; and the sum of it. */
  stuck: ReadonlyMap<string, number>;
  stuckUsd: number;
  /** What a call of this run was granted so far, on average; undefined: there was none. */
  usualUsd: number | undefined;
  leftOut: Pick<LeftOut, 'withOwnCap' | 'isFull'>;
}

interface NoRoom {
  reason: string;
  /** The run is to stop for it. */
  stops?: true;
  /** The run goes on without the task. */
  leaving?: Leaving;
}

/**
 * What follows for a call that finds no room, the first of these that is so:
 *
 * | where | then |
 * |---|---|
 * | its price, or that of another call, is not known | the run stops: no cap can hold |
 * | it would fit but for tasks that wait for more likewise | it gives way to them, and comes again |
 * | other tasks would hardly fit either | the run stops |
 * | only the cap of another run is in the way | its task is left until that one has ended |
 * | too many tasks are left already | the run stops |
 * | otherwise | its task is left |
 */
export function noRoomFor({ task, usd, pool, stuck, stuckUsd, usualUsd, leftOut }: UnmetCall): NoRoom {
  const ownUsd = task.asideUsd;
  const held = { stuck, ownUsd };
  if (usd === undefined || pool.unpriced) return { reason: noRoom(pool, usd, held), stops: true };
  const needed = usd + ownUsd;
  const free = { ...pool, reservedUsd: stuckUsd };
  if (needed <= leftUsd(free)) return { reason: allWait(usd) };
  const waits = needed <= leftUsd(leftOut.withOwnCap(free));
  if (!mayOthersFit(free, needed, usualUsd) || (leftOut.isFull && !waits))
    return { reason: noRoom(pool, usd, held), stops: true };
  const reason = waits
    ? waitsForRoom(task.id, pool, usd)
    : doesNotFit(task.id, leftOut.withOwnCap(pool), usd, held);
  return { reason, leaving: { reason, usd, ownUsd, waits } };
}

/** Whether this call is the odd one: above the whole cap, or above what is left while that is enough for one as they were so far. */
function mayOthersFit(free: Pool, usd: number, usualUsd: number | undefined): boolean {
  return usd > (free.capUsd ?? 0) || (usualUsd !== undefined && usualUsd <= leftUsd(free));
}
