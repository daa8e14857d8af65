import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TaskStore } from '../../src/ports/task-store.ts';
import { JsonTaskStore } from '../../src/stores/json/json-task-store.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';
import { sideOf, steps, take } from '../support/any-operations.ts';
import { allAhead, glance } from '../support/glance.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { Postgres } from '../support/pglite-database.ts';
import { enough } from '../support/thorough.ts';

/** @param together so many operations are started together at most. */
async function comesToTheSame(
  open: (clock: ManualClock) => Promise<TaskStore>,
  { together, numRuns }: { together: number; numRuns: number },
): Promise<void> {
  const property = fc.asyncProperty(steps(together), async (all) => {
    const clock = new ManualClock();
    const memory = await sideOf(new MemoryTaskStore({ clock }));
    const other = await sideOf(await open(clock));
    try {
      for (const step of all) {
        expect(await take(other, step)).toEqual(await take(memory, step));
        clock.advance(step.passes);
      }
      // A run that left and comes back by the same id, as none does but here, may have been forgotten.
      const runs = all.some(({ leaves }) => leaves) ? [] : ['a', 'b'];
      expect(await glance(other.store, runs)).toEqual(await glance(memory.store, runs));
      expect(await allAhead(other.store)).toEqual(await allAhead(memory.store));
    } finally {
      await other.store.close();
    }
  });
  await fc.assert(property, { numRuns });
}

test('any sequence of operations comes to the same tasks in memory and in the file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'orch-property-'));
  let opened = 0;
  const open = (clock: ManualClock) =>
    JsonTaskStore.open(join(folder, `${opened++}.json`), { create: true, clock });
  try {
    await comesToTheSame(open, { together: 4, numRuns: enough(60, 400) });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

// Of what is started together Postgres does the claims last, so that they find what the rest has freed.
test('and on Postgres', { timeout: 120_000 }, async () => {
  const postgres = await Postgres.start();
  try {
    await comesToTheSame((clock) => postgres.openNew(clock), { together: 1, numRuns: enough(15, 400) });
  } finally {
    await postgres.stop();
  }
});
