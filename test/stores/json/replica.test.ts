import { statSync } from 'node:fs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { withParts } from '../../../src/stores/json/doctor/parts.ts';
import { JournalBatch } from '../../../src/stores/json/journal/journal-batch.ts';
import { JsonTaskStore } from '../../../src/stores/json/json-task-store.ts';
import { Loader } from '../../../src/stores/json/loader.ts';
import { cutJournal } from '../../../src/stores/json/repair/cut.ts';
import { Replica } from '../../../src/stores/json/replica.ts';
import { idsOf } from '../../support/store-parts.ts';
import { addAndClose, edit, idleStore, newPath } from './parts.ts';

test('a journal has outgrown its snapshot when it is more than twice as long', async () => {
  const path = newPath();
  await addAndClose(path, 'x'.repeat(5_000));
  withParts({ path, name: path }, ({ snapshot, loader }) => {
    const replica = new Replica({
      path,
      name: path,
      snapshot,
      loader,
      requireLock: () => {},
      faultHook: undefined,
    });
    const { nextId } = replica.tableToChange();
    const { size } = statSync(path);
    const append = (bytes: number): number => {
      const batch = new JournalBatch();
      batch.add({ op: 'control', command: 'resume', runs: ['x'.repeat(bytes)] });
      batch.endChange(nextId);
      replica.append(batch);
      return replica.journal?.end ?? 0;
    };
    expect(append(2 * size - 1_000)).toBeLessThanOrEqual(2 * size);
    expect(replica.isGrown(0)).toBe(false);
    const end = append(1_000);
    expect(end).toBeGreaterThan(2 * size);
    expect([replica.isGrown(0), replica.isGrown(end - 1), replica.isGrown(end)]).toEqual([true, true, false]);
    replica.drop();
  });
});

test('a process that has the store open goes on with what a repair has put there', async () => {
  const path = await idleStore();
  const store = await JsonTaskStore.open(path);
  onTestFinished(() => store.close());
  await store.add([{ description: 'three' }]);
  await store.cancel(['task-001']);
  await store.add([{ description: 'four' }]);
  edit(`${path}.journal`, '"three"', '"threw"');
  await cutJournal(path);
  expect(await store.add([{ description: 'five' }])).toMatchObject([{ id: 'task-005' }]);
  const other = await JsonTaskStore.open(path);
  expect(await idsOf(other)).toEqual(['task-001', 'task-002', 'task-004', 'task-005']);
  await other.close();
});

test.each([
  { count: 1, loads: 1, what: 'a small store, to know it from then on' },
  { count: 1_000, loads: 0, what: 'no large store' },
])('who adds again reads $what', async ({ count, loads }) => {
  const path = newPath();
  await addAndClose(path, ...Array.from({ length: count }, () => 'x'.repeat(5_000)));
  const store = await JsonTaskStore.open(path);
  onTestFinished(() => store.close());
  const load = vi.spyOn(Loader.prototype, 'load');
  onTestFinished(() => load.mockRestore());
  await store.add([{ description: 'two' }]);
  expect(load).not.toHaveBeenCalled();
  for (const description of ['three', 'four']) await store.add([{ description }]);
  expect(load).toHaveBeenCalledTimes(loads);
  expect(await store.counts()).toMatchObject({ total: count + 3 });
});
