import { leftUsd, type Pool } from '../model/pool.ts';

/** Why there is no money for a call, for a person. Amounts are US dollars. */

/** What is set aside and does not come back: `stuck` by runs that do not move, by run; `ownUsd` for the same task. */
interface Held {
  stuck: ReadonlyMap<string, number>;
  ownUsd: number;
}

export function noRoom(pool: Pool, usd: number | undefined, held: Held): string {
  const { spentUsd, unpriced } = pool;
  if (usd === undefined || unpriced)
    return `what a call costs is not known, so that ${budget(pool)} cannot hold`;
  const parts = [
    `${money(spentUsd)} is spent`,
    ...heldWords(held),
    `and another call may cost ${money(usd)}`,
  ];
  return `${budget(pool)} leaves no room: ${parts.join(', ')}`;
}

/** @param pool with the cap of this run. */
export function doesNotFit(id: string, pool: Pool, usd: number, held: Held): string {
  const call = `${id} is left: a call for it may cost ${money(usd)}`;
  if (usd > (pool.capUsd ?? 0)) return `${call}, more than ${budget(pool)}`;
  const stuckUsd = [...held.stuck.values()].reduce((sum, each) => sum + each, 0);
  const left = `${money(leftUsd({ ...pool, reservedUsd: stuckUsd }))} of ${budget(pool)} is left`;
  return [call, ...heldWords(held), `and ${left}`].join(', ');
}

/** @param pool with the cap of another run. */
export function waitsForRoom(id: string, pool: Pool, usd: number): string {
  const { spentUsd, capUsd = 0 } = pool;
  return `${id} waits until another run ends: a call for it may cost ${money(usd)}, and ${money(spentUsd)} of the ${money(capUsd)} that this one allows is spent`;
}

/** Calls for several tasks have set money aside, and all of them need more. */
export function allWait(usd: number): string {
  return `all that is set aside is for tasks that wait for more, and another call may cost ${money(usd)}`;
}

export function moreThanAllowed(pool: Pool): string {
  return `${money(pool.spentUsd)} is spent, more than ${budget(pool)}`;
}

export function tooDear(soFarUsd: number, usd: number, limitUsd: number): string {
  return `the task has cost ${money(soFarUsd)}, and another call may cost ${money(usd)}: more than the ${money(limitUsd)} that a task may cost`;
}

function budget({ capUsd = 0 }: Pool): string {
  return `the budget of ${money(capUsd)}`;
}

function heldWords({ stuck, ownUsd }: Held): string[] {
  const byRuns = [...stuck].map(
    ([run, usd]) => `${money(usd)} is set aside by ${run}, which lives and does not move`,
  );
  return ownUsd > 0 ? [...byRuns, `${money(ownUsd)} is set aside for the same task`] : byRuns;
}

/** `$0.0834`, `$12.50` */
function money(usd: number): string {
  return `$${usd >= 1 ? usd.toFixed(2) : Number(usd.toPrecision(3))}`;
}
