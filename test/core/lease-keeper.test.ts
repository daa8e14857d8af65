import { expect, test } from 'vitest';
import { LeaseKeeper } from '../../src/core/lease-keeper.ts';
import type { Lease } from '../../src/model/task.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';
import { ManualRuntime, turns } from '../support/manual-runtime.ts';

function keeper(lost: Lease[] = []) {
  const store = new MemoryTaskStore();
  store.renew = async () => lost;
  const runtime = new ManualRuntime();
  const aborting = new AbortController();
  const times = { leaseMs: 30_000, renewMs: 10_000 };
  return {
    runtime,
    aborting,
    keeper: new LeaseKeeper({ store, runtime, ...times, aborting: aborting.signal }),
  };
}

const at = '2026-01-01T00:00:00.000Z';
const lease = (token: string): Lease => ({ taskId: 'task-001', run: 'r', token, since: at, expiresAt: at });

test('what is kept after the run was aborted is aborted too', () => {
  const { aborting, keeper: kept } = keeper();
  const before = kept.keep(lease('1'));
  aborting.abort();
  expect([before.aborted, kept.keep(lease('2')).aborted]).toEqual([true, true]);
});

test('a later lease of the same task ends the earlier one, and outlives it', () => {
  const { aborting, keeper: kept } = keeper();
  const [earlier, later] = [kept.keep(lease('1')), kept.keep(lease('2'))];
  expect([earlier.aborted, later.aborted]).toEqual([true, false]);
  kept.drop(lease('1'));
  aborting.abort();
  expect(later.aborted).toBe(true);
});

test('what is dropped is not aborted any more', () => {
  const { aborting, keeper: kept } = keeper();
  const signal = kept.keep(lease('1'));
  kept.drop(lease('1'));
  aborting.abort();
  expect(signal.aborted).toBe(false);
});

test('that an earlier lease is lost says nothing of the later one', async () => {
  const { runtime, keeper: kept } = keeper([lease('1')]);
  kept.keep(lease('1'));
  const later = kept.keep(lease('2'));
  const renewing = kept.run();
  runtime.advance(10_000);
  await turns();
  expect(later.aborted).toBe(false);
  kept.end();
  await renewing;
});
