import { expect, test } from 'vitest';
import { turns } from '../support/manual-runtime.ts';
import { orchestra } from '../support/orchestra.ts';

const stopReason = {
  kind: 'failed',
  message: 'task-002 failed, and it was told to stop at the first task that does',
};
const statuses = async ({ task }: Awaited<ReturnType<typeof orchestra>>, ids: string[]) =>
  Promise.all(ids.map(async (id) => (await task(id)).status));

test('the first task that ends failed is the last: what runs may finish, the others stay pending', async () => {
  const all = await orchestra({
    tasks: ['1', '2', '3', '4'],
    config: { failFast: true, concurrency: 2, maxAttempts: 1 },
  });
  const run = all.orchestrator.run();
  const [one, two] = [await all.executor.nextCall(), await all.executor.nextCall()];
  two.fail('failed');
  await all.event('task:fail');
  await turns();
  expect(one.context.signal.aborted).toBe(false);
  one.succeed();
  expect(await run).toMatchObject({ completed: 1, failed: 1, stopReason });
  expect(await statuses(all, ['task-001', 'task-002', 'task-003', 'task-004'])).toEqual([
    'completed',
    'failed',
    'pending',
    'pending',
  ]);
});

test('an attempt that is tried again is no failed task; one sent back after the end stays pending', async () => {
  const all = await orchestra({ tasks: ['1', '2', '3'], config: { failFast: true, maxAttempts: 2 } });
  const run = all.orchestrator.run();
  (await all.executor.nextCall()).fail('failed');
  (await all.executor.nextCall()).succeed();
  (await all.executor.nextCall()).fail('permanent');
  expect(await run).toMatchObject({ completed: 1, failed: 1, retried: 1, stopReason });
  expect(await statuses(all, ['task-003'])).toEqual(['pending']);
});

test('a task that waits to be tried again goes back, uncounted', async () => {
  const all = await orchestra({ tasks: ['1', '2'], config: { failFast: true, concurrency: 2 } });
  const run = all.orchestrator.run();
  const [one, two] = [await all.executor.nextCall(), await all.executor.nextCall()];
  one.fail('transient', 'busy');
  await all.event('task:retry');
  two.fail('permanent');
  expect(await run).toMatchObject({ failed: 1, stopReason });
  expect(await all.task('task-001')).toMatchObject({ status: 'pending', attempts: 0 });
});

test('where nothing is left to do, it has ended nothing; a run that stays ends all the same', async () => {
  for (const stay of [false, true]) {
    const all = await orchestra({ tasks: ['1', '2'], config: { failFast: true, stay } });
    const run = all.orchestrator.run();
    (await all.executor.nextCall()).succeed();
    (await all.executor.nextCall()).fail('permanent');
    expect((await run).stopReason).toEqual(stay ? stopReason : undefined);
  }
});

test('a task that somebody cancels is none that failed', async () => {
  const all = await orchestra({ tasks: ['1', '2'], config: { failFast: true } });
  const run = all.orchestrator.run();
  const one = await all.executor.nextCall();
  await all.store.cancel(['task-001']);
  one.succeed();
  (await all.executor.nextCall()).succeed();
  expect(await run).toMatchObject({ completed: 1, failed: 1 });
});

test('it is no reason that is kept for others: it was asked for', async () => {
  const all = await orchestra({ tasks: ['1', '2'], config: { failFast: true } });
  const run = all.orchestrator.run();
  (await all.executor.nextCall()).fail('permanent');
  await run;
  expect(await all.store.lastStop()).toBeUndefined();
});
