import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FAULT_POINTS, type FaultPoint } from '../../stores/json/disk/fault-points.ts';
import { storeFault } from '../../stores/json/disk/faults.ts';
import { findStore } from '../../stores/json/disk/store-path.ts';
import { Dice } from './dice.ts';
import { type Blow, planBlows } from './plan.ts';
import { playRound } from './round.ts';
import type { Violation } from './violation.ts';

export interface SelftestOptions {
  /** Beside this store's file, which is not touched, everything happens. */
  store: string;
  kills: number;
  seed: number;
  signal: AbortSignal;
  /** Called after each blow. */
  onProgress: (report: SelftestReport) => void;
}

export interface SelftestReport {
  seed: number;
  /** Single workers that were killed; those of the power cuts are not counted. */
  kills: number;
  killsAt: Record<FaultPoint | 'random', number>;
  stalls: number;
  powerCuts: number;
  stores: number;
  workers: number;
  tasks: number;
  violations: Array<Violation & { store: string }>;
  /** Kept, because there were violations. */
  folder?: string;
}

/**
 * Proves on this disk what the store promises: kills its users, stops them, cuts the power, and looks what has become of it.
 * @throws `store-unusable`: there can be no scratch folder. What the signal says.
 */
export async function selftest({
  store,
  kills,
  seed,
  signal,
  onProgress,
}: SelftestOptions): Promise<SelftestReport> {
  const scratch = scratchBeside(store);
  const dice = new Dice(seed);
  const report = emptyReport(seed);
  try {
    for (const blows of planBlows(kills, dice)) {
      const name = `store-${++report.stores}`;
      const onBlow = (blow: Blow): void => {
        enter(blow, report);
        onProgress(report);
      };
      const folder = join(scratch, name);
      const { workers, tasks, violations } = await playRound({ folder, blows, dice, signal, onBlow });
      report.workers += workers;
      report.tasks += tasks;
      report.violations.push(...violations.map((violation) => ({ ...violation, store: name })));
      if (violations.length === 0) rmSync(folder, { recursive: true, force: true });
    }
  } finally {
    if (report.violations.length === 0) rmSync(scratch, { recursive: true, force: true });
  }
  return report.violations.length > 0 ? { ...report, folder: scratch } : report;
}

function scratchBeside(store: string): string {
  const folder = dirname(findStore(store).path);
  try {
    return mkdtempSync(join(folder, '.orch-selftest-'));
  } catch (error) {
    throw storeFault('write', `a scratch folder in ${folder}`, error);
  }
}

function emptyReport(seed: number): SelftestReport {
  const points = Object.fromEntries([...FAULT_POINTS, 'random'].map((point) => [point, 0]));
  return {
    seed,
    kills: 0,
    killsAt: points as SelftestReport['killsAt'],
    stalls: 0,
    powerCuts: 0,
    stores: 0,
    workers: 0,
    tasks: 0,
    violations: [],
  };
}

function enter(blow: Blow, report: SelftestReport): void {
  if (blow.type === 'stall') report.stalls++;
  else if (blow.type === 'power') report.powerCuts++;
  else {
    report.kills++;
    report.killsAt[blow.type === 'point' ? blow.point : 'random']++;
  }
}
