import { leftUsd, type Pool } from '../model/pool.ts';

/** Why there is no money for a call, for a person. Amounts are US dollars. */

/** @param stuck what runs that do not move have set aside, by run. */
export function noRoom(pool: Pool, usd: number | undefined, stuck: ReadonlyMap<string, number>): string {
  const { spentUsd, unpriced } = pool;
  if (usd === undefined || unpriced)
    return `what a call costs is not known, so that ${budget(pool)} cannot hold`;
  const parts = [
    `${money(spentUsd)} is spent`,
    ...stuckWords(stuck),
    `and another call may cost ${money(usd)}`,
  ];
  return `${budget(pool)} leaves no room: ${parts.join(', ')}`;
}

export function doesNotFit(id: string, pool: Pool, usd: number, stuck: ReadonlyMap<string, number>): string {
  const call = `${id} is left: a call for it may cost ${money(usd)}`;
  if (usd > (pool.capUsd ?? 0)) return `${call}, more than ${budget(pool)}`;
  const stuckUsd = [...stuck.values()].reduce((sum, each) => sum + each, 0);
  const left = `${money(leftUsd({ ...pool, reservedUsd: stuckUsd }))} of ${budget(pool)} is left`;
  return [call, ...stuckWords(stuck), `and ${left}`].join(', ');
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

function stuckWords(stuck: ReadonlyMap<string, number>): string[] {
  return [...stuck].map(
    ([run, usd]) => `${money(usd)} is set aside by ${run}, which lives and does not move`,
  );
}

/** `$0.0834`, `$12.50` */
function money(usd: number): string {
  return `$${usd >= 1 ? usd.toFixed(2) : Number(usd.toPrecision(3))}`;
}
