import { expect, test } from 'vitest';
import { telling } from '../../../src/cli/selftest/telling-store.ts';
import type { Told } from '../../../src/cli/selftest/told.ts';
import { MemoryTaskStore } from '../../../src/stores/memory/memory-task-store.ts';
import { claimOne, done, LEASE_MS, runInfo } from '../../support/store-parts.ts';

test('what the store behind it acknowledged or refused is told, in its order', async () => {
  const behind = new MemoryTaskStore();
  const all: Told[] = [];
  const store = telling(behind, (told) => all.push(told));
  const told = () => all.splice(0);
  await store.add([{ description: 'one' }, { description: 'two' }]);
  expect(told()).toEqual([
    {
      kind: 'added',
      tasks: [
        { id: 'task-001', description: 'one' },
        { id: 'task-002', description: 'two' },
      ],
    },
  ]);

  await store.join(runInfo('a'));
  const { lease } = await claimOne(store, 'a');
  const { token, since } = lease;
  expect(told()).toEqual([{ kind: 'claimed', id: 'task-001', token, since }]);
  await store.checkpoint(lease, { output: 'x' });
  await store.settle(lease, done('x'));
  await expect(store.settle(lease, done('x'))).rejects.toThrow();
  expect(told()).toEqual([
    { kind: 'checkpointed', id: 'task-001', token, since: expect.any(String), output: 'x' },
    { kind: 'completed', id: 'task-001', token, since, result: 'x' },
    { kind: 'refused', id: 'task-001', token },
  ]);
});

test('a task that is set aside when its third runner dies is told with the claim that found it', async () => {
  const behind = new MemoryTaskStore();
  const all: Told[] = [];
  const store = telling(behind, (told) => all.push(told));
  await store.add([{ description: 'deadly' }]);
  for (const run of ['a', 'b', 'c']) {
    await store.join(runInfo(run));
    await claimOne(store, run);
    await store.leave(run);
  }
  await store.join(runInfo('d'));
  expect(all.filter(({ kind }) => kind === 'setAside')).toEqual([]);
  await store.claim({ run: 'd', leaseMs: LEASE_MS });
  expect(all.at(-1)).toEqual({ kind: 'setAside', id: 'task-001' });
});
