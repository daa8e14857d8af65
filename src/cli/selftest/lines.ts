import { count, SYMBOLS } from '../format.ts';
import type { HowFar } from '../progress-line.ts';
import { tableLines } from '../table.ts';
import type { SelftestReport } from './selftest.ts';

/** What people read of a self-test. */
export function selftestLines(report: SelftestReport): string[] {
  const { seed, kills, killsAt, stalls, powerCuts, stores, workers, tasks, violations, folder } = report;
  const points = Object.entries(killsAt).map(([point, times]): [string, number] => [
    point === 'random' ? 'killed at a random instant' : `killed ${point}`,
    times,
  ]);
  const rows: [string, number][] = [
    ...points,
    ['kills in all', kills],
    ['stalls', stalls],
    ['power cuts', powerCuts],
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
    ...(folder === undefined ? [] : ['', `What is left of it is in ${folder}`]),
  ];
}

/** While it goes on. @param all kills that there will be. */
export function howFar({ kills, stalls, powerCuts, violations }: SelftestReport, all: number): HowFar {
  const parts = [
    `${kills} of ${count(all, 'kill')}`,
    count(stalls, 'stall'),
    count(powerCuts, 'power cut'),
    count(violations.length, 'violation'),
  ];
  return { text: parts.join(', '), share: kills / all };
}

function violationLine({ rule, store, task, message }: SelftestReport['violations'][number]): string {
  return `${SYMBOLS.failed} ${rule}: ${task === undefined ? store : `${store}, ${task}`}: ${message}`;
}
