import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../harness/bench.ts';
import { type Case, ratio, type Suite } from '../harness/case.ts';
import { inFolder } from '../harness/scratch.ts';
import { journalBulk } from './cases.ts';
import { orchCommand, taskLines } from './command.ts';

const LINES = 100_000;

/** `orch add -f` of many lines, from the start of the process to its end, beside the bare journal. */
export function bulk(bench: Bench): Suite {
  const floor = journalBulk(bench, LINES);
  const ours = addFile(bench);
  return {
    title: 'bulk: many tasks from a file',
    cases: [floor, ours],
    comparisons: [
      {
        name: 'orch add -f through the floor',
        value: ratio('addedPerSecond', ours.name, floor.name),
        atLeast: 0.25,
      },
    ],
    rounds: 7,
  };
}

function addFile(bench: Bench): Case {
  const n = bench.size(LINES);
  const measure = (folder: string): { addedPerSecond: number; wallMs: number } => {
    const ids = join(folder, 'ids');
    const ms = orchCommand(join(folder, 'tasks.json'), ['add', '-f', taskLines(folder, n)], ids);
    const printed = readFileSync(ids, 'utf8').split('\n').length - 1;
    if (printed !== n) throw new Error(`orch add printed ${printed} ids for ${n} lines`);
    return { addedPerSecond: (n / ms) * 1000, wallMs: ms };
  };
  return {
    name: `orch add -f, ${LINES.toLocaleString('en-US')} lines`,
    measure: () => inFolder(bench.scratch, async (folder) => measure(folder)),
  };
}
