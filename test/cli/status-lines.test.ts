import { expect, test } from 'vitest';
import { type RunsSeen, statusLines } from '../../src/cli/status-lines.ts';
import { survey } from '../../src/cli/survey.ts';
import { paint } from '../../src/cli/terminal.ts';
import type { RunNote } from '../../src/ports/task-store.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';
import { runInfo } from '../support/store-parts.ts';

async function lines(runs: Omit<RunsSeen, 'runs'>, quiet = false): Promise<string[]> {
  const options = { quiet, paint: await paint(false), columns: 200, now: 0 };
  return statusLines(await survey(new MemoryTaskStore()), { runs: [], ...runs }, options);
}

async function runLine(note: RunNote): Promise<string> {
  const store = new MemoryTaskStore();
  await store.join(runInfo('run-1'));
  await store.note('run-1', note);
  const options = { quiet: false, paint: await paint(false), columns: 200, now: 0 };
  const lines = statusLines(await survey(store), { runs: await store.runs() }, options);
  return lines.at(-1) ?? '';
}

test('status says what limits a run is near to', async () => {
  const near = [
    { what: 'failed tasks in a row', used: 7, limit: 10 },
    { what: 'duration', used: 50_000, limit: 60_000, unit: 'ms' as const },
    { what: 'cost', used: 0.8, limit: 1, unit: 'usd' as const },
    { what: 'failed of the last 20 tasks', used: 0.35, limit: 0.5, unit: 'share' as const },
  ];
  expect(await runLine({ safety: { near } })).toMatch(
    /^ {2}run-1 {2}failed tasks in a row: 7 of 10, duration: 50s of 1m, cost: \$0\.8000 of \$1\.00, failed of the last 20 tasks: 35 of 50 %, pid \d+ on here, since/,
  );
  expect(await runLine({ safety: { near: [] } })).toMatch(/^ {2}run-1 {2}pid/);
});

test('and what it leaves for want of money', async () => {
  const leftOut = { count: 2, reason: 'task-001 is left:\ntoo dear' };
  expect(await runLine({ safety: { near: [], leftOut } })).toMatch(
    /^ {2}run-1 {2}leaves 2 tasks \(task-001 is left: too dear\), pid/,
  );
});

test('and which one it has reached', async () => {
  expect(await runLine({ safety: { near: [], tripped: 'ten failed\nin a row' } })).toMatch(
    /^ {2}run-1 {2}stopped by a safety check \(ten failed in a row\), pid/,
  );
});

test('what runs that overlap spent together, have set aside and may spend is said', async () => {
  expect(await lines({ pool: { spentUsd: 0.25, reservedUsd: 0.5, capUsd: 2 } })).toContain(
    'These runs spent $0.2500 of $2.00, $0.5000 set aside for calls under way',
  );
  expect(await lines({ pool: { spentUsd: 3, reservedUsd: 0, unpriced: true } })).toContain(
    'These runs spent $3.00 and more, at prices that are not known,',
  );
  expect((await lines({})).join()).not.toContain('spent');
});

test('what stopped the last run is said, with the problems alone too', async () => {
  const lastStop = {
    run: 'run-1',
    at: '2026-01-01T10:00:00.000Z',
    kind: 'safety' as const,
    message: 'ten\nfailed',
  };
  const line = 'The last run ended early (safety): ten (run-1, 1 January 2026 at 10:00 UTC)';
  expect(await lines({ lastStop })).toContain(line);
  expect(await lines({ lastStop }, true)).toEqual([line]);
  const later = { ...lastStop, kind: 'unavailable' as const, resumeAt: '2026-02-01T00:00:09.000Z' };
  expect((await lines({ lastStop: later })).join('\n')).toContain(
    '; try again after 1 February 2026 at 00:01 UTC (run-1',
  );
});

test('thousands are told apart in all counts', async () => {
  const store = new MemoryTaskStore();
  await store.add(Array.from({ length: 1200 }, () => ({ description: 'x' })));
  const options = { quiet: false, paint: await paint(false), columns: 200, now: 0 };
  const [first] = statusLines(await survey(store), { runs: [] }, options).filter((line) =>
    line.includes('task'),
  );
  expect(first).toBe('1,200 tasks: ✓ 0 completed, ✗ 0 failed, ▶ 0 running, · 1,200 pending');
});
