import { isPostgres } from '../../stores/postgres/connection/location.ts';
import { Dice } from './dice.ts';
import type { Ground, Leavings } from './ground.ts';
import type { Moment } from './job.ts';
import { type Blow, planBlows } from './plan.ts';
import { playRound } from './round.ts';
import type { Violation } from './violation.ts';

export interface SelftestOptions {
  /** Beside this store's file, or in its database, everything happens; it is not touched itself. */
  store: string;
  kills: number;
  seed: number;
  signal: AbortSignal;
  /** Called after each blow. */
  onProgress: (report: SelftestReport) => void;
}

export interface SelftestReport extends Leavings {
  seed: number;
  /** Single workers that were killed; those of the power cuts are not counted. */
  kills: number;
  killsAt: Partial<Record<Moment | 'random', number>>;
  stalls: number;
  /** On a disk. */
  powerCuts?: number;
  /** In a database: how often all lost their connections. */
  disconnections?: number;
  stores: number;
  workers: number;
  tasks: number;
  /** Where there are any, what is left is kept. */
  violations: Array<Violation & { store: string }>;
}

/**
 * Proves what the store promises on this disk, or in this database: kills its users, stops them, cuts the power or their connections, and looks
 * what has become of it.
 * @throws `store-unusable`: there can be no store. What the signal says.
 */
export async function selftest({
  store,
  kills,
  seed,
  signal,
  onProgress,
}: SelftestOptions): Promise<SelftestReport> {
  const ground = await groundOf(store);
  const dice = new Dice(seed);
  const report = emptyReport(seed, ground);
  let leavings: Leavings = {};
  try {
    for (const blows of planBlows(kills, dice, ground)) {
      const site = ground.newSite(++report.stores);
      const name = `store-${report.stores}`;
      const onBlow = (blow: Blow): void => {
        enter(blow, report);
        onProgress(report);
      };
      const { workers, tasks, violations } = await playRound({ site, blows, dice, signal, onBlow });
      report.workers += workers;
      report.tasks += tasks;
      report.violations.push(...violations.map((violation) => ({ ...violation, store: name })));
      if (violations.length === 0) await site.remove();
    }
  } finally {
    leavings = await ground.leave(report.violations.length);
  }
  return { ...report, ...leavings };
}

async function groundOf(store: string): Promise<Ground> {
  if (isPostgres(store)) return (await import('./database.ts')).inDatabase(store);
  return (await import('./disk.ts')).onDisk(store);
}

function emptyReport(seed: number, { moments, mishap }: Ground): SelftestReport {
  return {
    seed,
    kills: 0,
    killsAt: Object.fromEntries([...moments, 'random'].map((moment) => [moment, 0])),
    stalls: 0,
    ...(mishap === 'power' ? { powerCuts: 0 } : { disconnections: 0 }),
    stores: 0,
    workers: 0,
    tasks: 0,
    violations: [],
  };
}

function enter(blow: Blow, report: SelftestReport): void {
  if (blow.type === 'stall') report.stalls++;
  else if (blow.type === 'power') report.powerCuts = (report.powerCuts ?? 0) + 1;
  else if (blow.type === 'disconnect') report.disconnections = (report.disconnections ?? 0) + 1;
  else {
    const at = blow.type === 'point' ? blow.point : 'random';
    report.kills++;
    report.killsAt[at] = (report.killsAt[at] ?? 0) + 1;
  }
}
