import { expect, test } from 'vitest';
import { statusLines } from '../../src/cli/status-lines.ts';
import { survey } from '../../src/cli/survey.ts';
import { paint } from '../../src/cli/terminal.ts';
import type { RunNote } from '../../src/ports/task-store.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';
import { runInfo } from '../support/store-parts.ts';

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
    { what: 'failed of the last 20 tasks', used: 0.35, limit: 0.5, unit: 'share' as const },
  ];
  expect(await runLine({ safety: { near } })).toMatch(
    /^ {2}run-1 {2}failed tasks in a row: 7 of 10, duration: 50s of 1m, failed of the last 20 tasks: 35 of 50 %, pid \d+ on here, since/,
  );
  expect(await runLine({ safety: { near: [] } })).toMatch(/^ {2}run-1 {2}pid/);
});

test('and which one it has reached', async () => {
  expect(await runLine({ safety: { near: [], tripped: 'ten failed\nin a row' } })).toMatch(
    /^ {2}run-1 {2}stopped by a safety check \(ten failed in a row\), pid/,
  );
});
