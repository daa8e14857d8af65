import { expect, test } from 'vitest';
import type { Executor } from '../../src/ports/executor.ts';
import { CircuitBreaker } from '../../src/safety/circuit-breaker.ts';
import { turns } from '../support/manual-runtime.ts';
import { orchestra } from '../support/orchestra.ts';

/** Each call waits for its turn, which the test gives, and is given back when it is asked for. */
function queued() {
  const waiting: Array<() => void> = [];
  const executor: Executor = {
    execute: ({ id }, { givingBack }) =>
      new Promise((resolve) => {
        waiting.push(() => resolve({ success: true, output: id }));
        givingBack?.addEventListener('abort', () =>
          resolve({ success: false, error: { kind: 'transient', message: 'given back' } }),
        );
      }),
  };
  return { executor, waiting };
}

const tasks = ['1', '2', '3', '4', '5', '6'];

test('a limit on what may begin lets what has begun go on, though it waits for its turn', async () => {
  const { executor, waiting } = queued();
  const safety = new CircuitBreaker({ maxIterations: 4 });
  const { orchestrator } = await orchestra({ tasks, executor, safety, config: { concurrency: 6 } });
  const done = orchestrator.run();
  await turns();
  expect(waiting).toHaveLength(4);
  for (const go of waiting) go();
  expect(await done).toMatchObject({ completed: 4, stopReason: { kind: 'safety' } });
});

test('what waits for its turn is given back when somebody stops the run', async () => {
  const { executor } = queued();
  const { orchestrator, store } = await orchestra({ tasks, executor, config: { concurrency: 6 } });
  const done = orchestrator.run();
  await turns();
  orchestrator.stop();
  expect(await done).toMatchObject({ completed: 0, stopReason: { kind: 'stopped' } });
  expect(await store.counts()).toMatchObject({ pending: 6 });
});
