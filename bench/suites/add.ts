import { mkdtempSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Bench } from '../harness/bench.ts';
import { type Case, type Comparison, ratio, type Suite } from '../harness/case.ts';
import { wallMs } from '../harness/child.ts';
import { orchCommand, taskLines } from './command.ts';

const FILL = resolve(import.meta.dirname, '../cases/orch-fill.mjs');

/** `orch add "x"` from a shell, beside a Node that does nothing. */
export function add(bench: Bench): Suite {
  const node: Case = { name: 'node -e 0', measure: async () => ({ wallMs: wallMs(['-e', '0']) }) };
  const few = addTo(bench, 10, 'added by orch add -f');
  const added = addTo(bench, 100_000, 'added by orch add -f');
  const closed = addTo(bench, 100_000, 'left by a library');
  const compared = (of: Case, to: Case): Comparison => ({
    name: `${of.name}, through ${to === few ? 'that to 10' : to.name}`,
    value: ratio('wallMs', of.name, to.name),
  });
  return {
    title: 'add: one task from a shell',
    cases: [node, few, added, closed],
    comparisons: [
      { ...compared(added, few), atMost: 1.2 },
      { ...compared(closed, few), atMost: 1.2 },
      ...[few, added, closed].map((of) => compared(of, node)),
    ],
    rounds: 31,
  };
}

/** The store is made once, before the first round, and grows by a task a round. */
function addTo(bench: Bench, n: number, origin: 'added by orch add -f' | 'left by a library'): Case {
  let store: string | undefined;
  const make = (): string => {
    const folder = mkdtempSync(join(bench.scratch, 'add-'));
    const path = join(folder, 'tasks.json');
    const size = bench.size(n);
    if (origin === 'added by orch add -f') orchCommand(path, ['add', '-f', taskLines(folder, size)]);
    else wallMs([FILL, JSON.stringify({ path, n: size })]);
    orchCommand(path, ['add', 'x']);
    return path;
  };
  return {
    name: `orch add "x" to ${n.toLocaleString('en-US')} tasks ${origin}`,
    measure: async () => {
      store ??= make();
      return { wallMs: orchCommand(store, ['add', 'x']) };
    },
  };
}
