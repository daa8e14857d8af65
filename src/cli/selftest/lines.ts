import { count, SYMBOLS } from '../format.ts';
import type { HowFar } from '../progress-line.ts';
import { tableLines } from '../table.ts';
import type { SelftestReport } from './selftest.ts';

/** What people read of a self-test. */
export function selftestLines(report: SelftestReport): string[] {
  const { seed, kills, killsAt, stalls, stores, workers, tasks, violations } = report;
  const points = Object.entries(killsAt).map(([point, times]): [string, number] => [
    `killed ${WHEN[point] ?? point}`,
    times,
  ]);
  const [mishap, times] = mishaps(report);
  const rows: [string, number][] = [
    ...points,
    ['kills in all', kills],
    ['stalls', stalls],
    [`${mishap}s`, times],
    ['tasks', tasks],
    ['violations', violations.length],
  ];
  return [
    `Seed ${seed}: ${count(workers, 'worker')} on ${count(stores, 'store')}`,
    '',
    ...tableLines(
      rows.map(([name, value]) => [name, value.toLocaleString('en')]),
      { columns: Infinity, numbers: [1] },
    ),
    ...(violations.length > 0 ? ['', ...violations.map(violationLine)] : []),
    ...leavingsLines(report),
  ];
}

/** When a worker was killed, where the name of the moment does not say it. */
const WHEN: Record<string, string> = {
  random: 'at a random instant',
  added: 'when its tasks were added',
  claimed: 'when it had claimed',
  checkpointed: 'when its output was kept',
  completed: 'when its task was completed',
};

/** What happened to all at once, and how often. */
function mishaps({ powerCuts, disconnections = 0 }: SelftestReport): [name: string, times: number] {
  return powerCuts === undefined ? ['disconnection', disconnections] : ['power cut', powerCuts];
}

function leavingsLines({ folder, schemas = [] }: SelftestReport): string[] {
  if (folder !== undefined) return ['', `What is left of it is in ${folder}`];
  return schemas.length > 0 ? ['', `What is left of it is in the schemas ${schemas.join(', ')}`] : [];
}

/** While it goes on. @param all kills that there will be. */
export function howFar(report: SelftestReport, all: number): HowFar {
  const { kills, stalls, violations } = report;
  const [name, times] = mishaps(report);
  const parts = [
    `${kills} of ${count(all, 'kill')}`,
    count(stalls, 'stall'),
    count(times, name),
    count(violations.length, 'violation'),
  ];
  return { text: parts.join(', '), share: kills / all };
}

function violationLine({ rule, store, task, message }: SelftestReport['violations'][number]): string {
  return `${SYMBOLS.failed} ${rule}: ${task === undefined ? store : `${store}, ${task}`}: ${message}`;
}
