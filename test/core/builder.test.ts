import { expect, test } from 'vitest';
import { OrchestratorBuilder } from '../../src/core/builder.ts';
import { completeConfig } from '../../src/core/config.ts';
import type { RunEvent } from '../../src/model/event.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';
import { answering } from '../support/fake-executor.ts';
import { turns } from '../support/manual-runtime.ts';
import { rejecting } from '../support/orchestra.ts';

test('a store and an executor are needed', () => {
  expect(() => new OrchestratorBuilder().build()).toThrow('needs a task store');
  expect(() => new OrchestratorBuilder().withTaskStore(new MemoryTaskStore()).build()).toThrow(
    'needs an executor',
  );
});

test.each([
  [{ concurrency: 0 }, 'Expected concurrency to be a whole number of at least 1, got 0'],
  [{ concurrency: 1.5 }, 'Expected concurrency to be a whole number of at least 1, got 1.5'],
  [{ maxAttempts: Number.NaN }, 'Expected maxAttempts to be a whole number of at least 1, got NaN'],
  [{ limit: 0 }, 'Expected limit to be a whole number of at least 1, got 0'],
  [{ minConfidence: 1.1 }, 'Expected minConfidence to be between 0 and 1, got 1.1'],
  [{ pauseBetweenTasks: -1 }, 'Expected pauseBetweenTasks to be milliseconds, got -1'],
  [{ renewMs: 30_000 }, 'Expected renewMs to be milliseconds below leaseMs, got 30000'],
])('a configuration that cannot be meant is refused: %j', (config, message) => {
  const builder = new OrchestratorBuilder()
    .withTaskStore(new MemoryTaskStore())
    .withExecutor(answering(() => ({ success: true, output: '' })))
    .withConfig(config);
  expect(() => builder.build()).toThrow(message);
});

test('what is not configured is as documented, an absent value included', () => {
  const defaults = {
    concurrency: 4,
    failFast: false,
    maxAttempts: 3,
    verifyResults: true,
    retryOnFailure: true,
    minConfidence: 0.7,
    pauseBetweenTasks: 0,
    stay: false,
    leaseMs: 30_000,
    renewMs: 10_000,
    outageMs: 600_000,
  };
  expect(completeConfig({})).toEqual(defaults);
  expect(completeConfig({ verifyResults: undefined, concurrency: undefined })).toEqual(defaults);
});

test('each of the six hooks has a method of its own, and gets what it is about', async () => {
  const store = new MemoryTaskStore();
  await store.add([{ description: 'good' }, { description: 'never good', maxAttempts: 2 }]);
  const seen: RunEvent[] = [];
  const note = (event: RunEvent) => seen.push(event);
  const verifier = rejecting(1);
  const orchestrator = new OrchestratorBuilder()
    .withTaskStore(store)
    .withExecutor(answering(({ id }, { attempt }) => ({ success: true, output: `${id} ${attempt}` })))
    .withVerifier({
      verify: (task, execution, context) =>
        task.id === 'task-001'
          ? verifier.verify(task, execution, context)
          : rejecting(9).verify(task, execution, context),
    })
    .withConfig({ concurrency: 1 })
    .onRunStart(note)
    .onTaskStart(note)
    .onTaskComplete(note)
    .onTaskFail(note)
    .onTaskRetry(note)
    .onRunEnd(note)
    .build();
  const stats = await orchestrator.run();
  expect(seen.map(({ event }) => event)).toEqual([
    'run:start',
    'task:start',
    'task:retry',
    'task:start',
    'task:complete',
    'task:start',
    'task:retry',
    'task:start',
    'task:fail',
    'run:end',
  ]);
  const verdict = { passed: false, feedback: 'mend 1' };
  expect(seen[2]).toMatchObject({ task: { id: 'task-001', status: 'pending' }, reason: 'mend 1', verdict });
  expect(seen[4]).toMatchObject({
    task: { status: 'completed', result: 'task-001 2' },
    verdict: { passed: true },
  });
  expect(seen[8]).toMatchObject({ error: { kind: 'rejected', message: 'mend 1' }, verdict });
  expect(seen[9]).toMatchObject({ stats });
  expect(new Set(seen.map(({ run }) => run)).size).toBe(1);
});

test('a hook that throws is reported and changes nothing', async () => {
  const store = new MemoryTaskStore();
  await store.add([{ description: 'one' }]);
  const reports: string[] = [];
  const orchestrator = new OrchestratorBuilder()
    .withTaskStore(store)
    .withExecutor(answering(() => ({ success: true, output: 'done' })))
    .onTaskComplete(() => {
      throw new Error('broken hook');
    })
    .onHookError((message) => reports.push(message))
    .build();
  expect(await orchestrator.run()).toMatchObject({ completed: 1 });
  expect(reports).toEqual(['A hook for task:complete failed: broken hook']);
});

test('a run does not end before the hooks that it called have ended', async () => {
  const work = Promise.withResolvers<void>();
  const orchestrator = new OrchestratorBuilder()
    .withTaskStore(new MemoryTaskStore())
    .withExecutor(answering(() => ({ success: true, output: 'done' })))
    .onRunEnd(() => work.promise)
    .build();
  let ended = false;
  const run = orchestrator.run().then(() => {
    ended = true;
  });
  await turns();
  expect(ended).toBe(false);
  work.resolve();
  await run;
});
