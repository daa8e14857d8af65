import { describe, expect, test } from 'vitest';
import { OrchError } from '../../src/model/errors.ts';
import type { Executor } from '../../src/ports/executor.ts';
import type { Verifier } from '../../src/ports/verifier.ts';
import { shouting } from '../support/fake-executor.ts';
import { orchestra } from '../support/orchestra.ts';

const tasks = [
  { id: 'one', description: 'first' },
  { id: 'other', description: 'other' },
  { id: 'two', description: 'second', after: ['one'] },
];

/** Does `two` by asking for the result of another. */
function asking(about: string, before: () => Promise<unknown> = async () => undefined): Executor {
  return {
    execute: async (task, context) => {
      if (task.id !== 'two') return shouting.execute(task, context);
      await before();
      return { success: true, output: `got ${await context.resultOf?.(about)}` };
    },
  };
}

describe('the results of what a task comes after', () => {
  test('are given to executor and verifier', async () => {
    const seen: unknown[] = [];
    const verifier: Verifier = {
      verify: async ({ id }, _execution, { resultOf }) => {
        if (id === 'two') seen.push(await resultOf?.('one'));
        return { passed: true, confidence: 1, feedback: '', issues: [] };
      },
    };
    const { orchestrator, task } = await orchestra({ tasks, executor: asking('one'), verifier });
    expect(await orchestrator.run()).toMatchObject({ completed: 3 });
    expect((await task('two')).result).toBe('got FIRST');
    expect(seen).toEqual(['FIRST']);
  });

  test('are the bytes of one that is no UTF-8', async () => {
    const seen: unknown[] = [];
    const executor: Executor = {
      execute: async ({ id }, { resultOf }) => {
        if (id === 'two') seen.push(await resultOf?.('one'));
        return { success: true, output: '/wA=', metadata: { encoding: 'base64' } };
      },
    };
    const { orchestrator } = await orchestra({ tasks, executor });
    expect(await orchestrator.run()).toMatchObject({ completed: 3 });
    expect(seen).toEqual([Buffer.from([0xff, 0])]);
  });

  test('are not those of other tasks', async () => {
    const config = { maxAttempts: 1 };
    const { orchestrator, task } = await orchestra({ tasks, executor: asking('other'), config });
    expect(await orchestrator.run()).toMatchObject({ completed: 2, failed: 1 });
    expect((await task('two')).error?.message).toContain('task two does not come after other');
  });

  test('are gone when that task was reset meanwhile: this one is given back, not counted, and done after it', async () => {
    let times = 0;
    const made = await orchestra({
      tasks,
      executor: asking('one', async () => {
        if (times++ === 0) await made.store.reset({ ids: ['one'] });
      }),
    });
    expect(await made.orchestrator.run()).toMatchObject({ completed: 3, failed: 0 });
    expect(await made.task('two')).toMatchObject({ attempts: 1, result: 'got FIRST' });
    expect(made.events.filter(({ event }) => event === 'task:release')).toMatchObject([
      { task: { id: 'two' }, reason: 'the result of one is gone: that task was reset meanwhile' },
    ]);
  });

  test('are the same for the judge as for the executor, or none', async () => {
    let times = 0;
    const verifier: Verifier = {
      verify: async ({ id }, _execution, { resultOf }) => {
        if (id === 'two' && times++ === 0) {
          await store.reset({ ids: ['one'] });
          await store.join({ id: 'else', pid: 1, host: 'here', startedAt: '' });
          const claim = await store.claim({ run: 'else', leaseMs: 1000, only: new Set(['one']) });
          runtime.advance(1000);
          await store.settle(claim.task ? claim.lease : ({} as never), {
            status: 'completed',
            result: 'ANOTHER',
            verified: true,
            attempt: { outcome: 'passed' },
          });
        }
        await resultOf?.('one');
        return { passed: true, confidence: 1, feedback: '', issues: [] };
      },
      applies: ({ id }) => id === 'two',
    };
    const { orchestrator, store, runtime, events } = await orchestra({
      tasks,
      executor: asking('one'),
      verifier,
    });
    await orchestrator.run();
    const reasons = events.flatMap((event) => (event.event === 'task:release' ? [event.reason] : []));
    expect(reasons).toEqual(['the result of one is gone: that task was reset meanwhile']);
  });

  test('that the store cannot give end the run, and no attempt is counted', async () => {
    const { orchestrator, store, task } = await orchestra({
      tasks,
      executor: asking('one', async () => {
        store.get = async () => {
          store.get = get;
          throw new OrchError('store-unusable', 'broken');
        };
      }),
    });
    const get = store.get.bind(store);
    await expect(orchestrator.run()).rejects.toThrow('broken');
    expect(await task('two')).toMatchObject({ attempts: 0, history: [] });
  });
});
