import { describe, expect, test } from 'vitest';
import { Waited } from '../../../src/cli/wait/waited.ts';
import { MemoryTaskStore } from '../../../src/stores/memory/memory-task-store.ts';
import { broken, claimOne, done, runInfo } from '../../support/store-parts.ts';

/** Three tasks, a -> b -> c, each after the one before it. */
async function chain(): Promise<MemoryTaskStore> {
  const store = new MemoryTaskStore();
  await store.join(runInfo('r'));
  const after = [undefined, ['a'], ['b']];
  await store.add(
    ['a', 'b', 'c'].map((id, i) => ({ id, description: id, ...(after[i] && { after: after[i] }) })),
  );
  return store;
}

async function settleNext(store: MemoryTaskStore, settlement: Parameters<MemoryTaskStore['settle']>[1]) {
  const { lease } = await claimOne(store, 'r');
  await store.settle(lease, settlement);
}

const said = async (waited: Waited, store: MemoryTaskStore) =>
  (await waited.look(store)).map(({ id, how }) => `${id} ${how}`);

describe('tasks that somebody waits for', () => {
  test('are told of once, as they end', async () => {
    const store = await chain();
    const waited = new Waited(['c', 'b', 'a']);
    expect(await said(waited, store)).toEqual([]);
    await settleNext(store, done('ok'));
    expect(await said(waited, store)).toEqual(['a completed']);
    expect(waited.open).toEqual(['c', 'b']);
    await settleNext(store, done('ok'));
    await settleNext(store, done('ok'));
    expect(await said(waited, store)).toEqual(['c completed', 'b completed']);
    expect(await said(waited, store)).toEqual([]);
    expect(waited).toMatchObject({ open: [], allCompleted: true });
  });

  test('end with what blocks them for good', async () => {
    const store = await chain();
    const waited = new Waited(['a', 'b', 'c']);
    await settleNext(store, broken());
    expect(await said(waited, store)).toEqual(['a failed', 'b blocked', 'c blocked']);
    expect(waited).toMatchObject({ open: [], allCompleted: false });
  });

  test('have not ended any more when they are reset, and end again', async () => {
    const store = await chain();
    const waited = new Waited(['a', 'b']);
    await settleNext(store, broken());
    await waited.look(store);
    await store.reset({ ids: ['a'] });
    expect(await said(waited, store)).toEqual([]);
    expect(waited.open).toEqual(['a', 'b']);
    await settleNext(store, done('ok'));
    await settleNext(store, done('ok'));
    expect(await said(waited, store)).toEqual(['a completed', 'b completed']);
    expect(waited.allCompleted).toBe(true);
  });

  test('that are removed count as they were last seen', async () => {
    const store = await chain();
    const waited = new Waited(['a', 'b', 'c']);
    await settleNext(store, done('ok'));
    await waited.look(store);
    await store.cancel(['b']);
    await waited.look(store);
    await store.remove(['c', 'b', 'a']);
    expect(await said(waited, store)).toEqual(['c removed']);
    expect(waited).toMatchObject({ open: [], allCompleted: false });

    const other = new Waited(['a']);
    expect(await said(other, store)).toEqual(['a removed']);
    expect(other.allCompleted).toBe(false);
  });
});
