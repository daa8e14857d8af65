import { count, SYMBOLS } from '../format.ts';
import type { SelftestReport } from './selftest.ts';

/** What people read of a self-test. */
export function selftestLines(report: SelftestReport): string[] {
  const { seed, kills, killsAt, stalls, powerCuts, stores, workers, tasks, violations, folder } = report;
  const points = Object.entries(killsAt).map(([point, times]): [string, number] => [
    point === 'random' ? 'killed at a random instant' : `killed ${point}`,
    times,
  ]);
  const rows: Array<[string, number]> = [
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
    ...table(rows),
    ...(violations.length > 0 ? ['', ...violations.map(violationLine)] : []),
    ...(folder === undefined ? [] : ['', `What is left of it is in ${folder}`]),
  ];
}

function violationLine({ rule, store, task, message }: SelftestReport['violations'][number]): string {
  return `${SYMBOLS.failed} ${rule}: ${task === undefined ? store : `${store}, ${task}`}: ${message}`;
}

function table(rows: Array<[string, number]>): string[] {
  const texts = rows.map(([name, value]): [string, string] => [name, value.toLocaleString('en')]);
  const [names, values] = [0, 1].map((column) => Math.max(...texts.map((row) => row[column]!.length)));
  return texts.map(([name, value]) => `${name.padEnd(names!)}  ${value.padStart(values!)}`);
}
