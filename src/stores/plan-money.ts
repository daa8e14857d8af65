import { knownUsd } from '../model/usage.ts';
import type { ReserveAnswer, ReserveRequest, RunInfo } from '../ports/task-store.ts';
import { capsOf, fits, Ledger, type LedgerRecord } from './ledger.ts';
import type { Moment } from './moment.ts';
import type { TaskTable } from './task-table.ts';

/** What of a table is looked at where money is set aside. */
type Funds = Pick<TaskTable, 'ledger' | 'inProgress'>;

type ReservePlan = { record: LedgerRecord } | { refused: ReserveAnswer };

/**
 * What comes of setting money aside, before anything is changed.
 * @param runs those that live.
 * @throws Error when the run has not joined.
 */
export function planReserve(
  request: ReserveRequest,
  runs: readonly RunInfo[],
  table: Funds,
  moment: Moment,
): ReservePlan {
  const { run } = request;
  const usd = knownUsd(request.usd);
  if (!runs.some(({ id }) => id === run))
    throw new Error(`run ${run} has to join the store before it spends`);
  const { ledger } = table;
  const current = ledger.isOpen(moment.isLive) ? ledger : new Ledger();
  const pool = current.pool(moment.isLive, capsOf(runs));
  if (fits(pool, usd)) {
    return {
      record: { op: 'reserve', ...callOf({ ...request, usd }), ...newMembers(run, runs, ledger, moment) },
    };
  }
  const stalled = stalledMoney(current, run, table, moment);
  return { refused: { granted: false, pool, ...(stalled && { stalled }) } };
}

/**
 * What is kept of a call that was paid, though no money may have been set aside for it.
 * @param runs those that live.
 */
export function planSpend(
  request: ReserveRequest,
  runs: readonly RunInfo[],
  ledger: Ledger,
  moment: Moment,
): LedgerRecord {
  const { run } = request;
  const isLive = runs.some(({ id }) => id === run);
  return { op: 'spend', ...callOf(request), ...(isLive && newMembers(run, runs, ledger, moment)) };
}

/** A call as it stands in a record: what is absent is left out. */
function callOf({ run, call, task, usd }: ReserveRequest): ReserveRequest {
  return { run, call, ...(task !== undefined && { task }), ...(usd !== undefined && { usd }) };
}

/** Whether a pool begins with what a run does now, and who is in it that has not spent anything yet. */
function newMembers(
  run: string,
  runs: readonly RunInfo[],
  ledger: Ledger,
  { isLive }: Moment,
): { opens?: true; members?: string[] } {
  const opens = !ledger.isOpen(isLive);
  const members = runs.map(({ id }) => id).filter((id) => id !== run && (opens || !ledger.has(id)));
  return { ...(opens && { opens }), ...(members.length > 0 && { members }) };
}

/** What was set aside by others which live, and whose calls are for no task that they still hold: US dollars, by run. */
function stalledMoney(
  ledger: Ledger,
  run: string,
  table: Funds,
  { now, isLive }: Moment,
): Record<string, number> | undefined {
  const working = new Set([run]);
  table.inProgress().forEach(({ lease }) => {
    if (lease && Date.parse(lease.expiresAt) > now) working.add(lease.run);
  });
  const stalled = ledger.reserved().filter(([id]) => !working.has(id) && isLive(id));
  return stalled.length > 0 ? Object.fromEntries(stalled) : undefined;
}
