import { describe, expect, test } from 'vitest';
import { OrchError } from '../../src/model/errors.ts';
import type { Telling } from '../../src/ports/task-store.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';
import { ManualRuntime, turns } from '../support/manual-runtime.ts';
import { type Orchestra, orchestra } from '../support/orchestra.ts';

/** Counts the questions, and can keep one waiting. */
class AskedStore extends MemoryTaskStore {
  asked = 0;
  /** Questions that are not answered yet. */
  open = 0;
  hold: Promise<void> | undefined;

  override async told(runId: string): Promise<Telling | undefined> {
    this.asked++;
    this.open++;
    try {
      await this.hold;
      return await super.told(runId);
    } finally {
      this.open--;
    }
  }

  /** A change that leaves everything as it is. */
  async stir(): Promise<void> {
    await this.remove((await this.add([{ description: 'stir' }])).map(({ id }) => id));
  }
}

/** Lets the run hear what was told since it last asked. */
async function hear({ runtime }: Orchestra): Promise<void> {
  await turns();
  runtime.advance(50);
  await turns();
}

const steering = ({ names }: Orchestra): string[] =>
  names().filter((name) => /^run:(pause|resume)/.test(name));

describe('what a run is told from elsewhere', () => {
  test('pause: nothing is claimed until resume, and each is said once', async () => {
    const o = await orchestra({ tasks: ['one', 'two'] });
    const run = o.orchestrator.run();
    const first = await o.executor.nextCall();
    await hear(o);
    await o.store.control('pause');
    await hear(o);
    expect(o.orchestrator.state).toBe('paused');
    first.succeed();
    await hear(o);
    expect(o.executor.calls).toHaveLength(1);
    await o.store.control('resume');
    await hear(o);
    expect(o.orchestrator.state).toBe('running');
    (await o.executor.nextCall()).succeed();
    expect(await run).toMatchObject({ completed: 2 });
    expect(steering(o)).toEqual(['run:pause', 'run:resume']);
  });

  test('stop: what runs may finish, nothing new begins', async () => {
    const o = await orchestra({ tasks: ['one', 'two'] });
    const run = o.orchestrator.run();
    const first = await o.executor.nextCall();
    await hear(o);
    await o.store.control('stop');
    await hear(o);
    expect(first.context.signal.aborted).toBe(false);
    first.succeed();
    expect(await run).toMatchObject({
      completed: 1,
      stopReason: { kind: 'stopped', message: 'it was told to stop from elsewhere' },
    });
    expect(o.orchestrator.state).toBe('stopped');
    expect(await o.task('task-002')).toMatchObject({ status: 'pending', attempts: 0 });
  });

  test('stop ends a run that is paused, and one that waits for work', async () => {
    const o = await orchestra({ config: { stay: true } });
    const first = o.orchestrator.run();
    await hear(o);
    await o.store.control('stop');
    await hear(o);
    expect(await first).toMatchObject({ stopReason: { kind: 'stopped' } });

    const second = o.orchestrator.run();
    o.orchestrator.pause();
    await hear(o);
    await o.store.control('stop');
    await hear(o);
    expect(await second).toMatchObject({ stopReason: { kind: 'stopped' } });
  });

  test('reaches a run that was told before it first asked', async () => {
    const store = new AskedStore();
    const join = store.join.bind(store);
    store.join = async (info) => {
      const others = await join(info);
      await store.control('pause');
      return others;
    };
    const o = await orchestra({ store });
    const run = o.orchestrator.run();
    await turns();
    expect(o.orchestrator.state).toBe('paused');
    o.orchestrator.stop();
    await run;
  });

  test('is not obeyed by the run after it', async () => {
    const o = await orchestra({ tasks: ['one'] });
    const run = o.orchestrator.run();
    const call = await o.executor.nextCall();
    await hear(o);
    await o.store.control('stop');
    await hear(o);
    call.succeed();
    await run;
    await o.store.add([{ description: 'two' }]);
    const again = o.orchestrator.run();
    (await o.executor.nextCall()).succeed();
    expect(await again).not.toHaveProperty('stopReason');
  });
});

describe('of a word from here and one from elsewhere', () => {
  test('the last counts', async () => {
    const store = new AskedStore();
    const o = await orchestra({ store, tasks: ['one'] });
    const run = o.orchestrator.run();
    const call = await o.executor.nextCall();
    await hear(o);
    await store.control('pause');
    await hear(o);
    o.orchestrator.resume();
    await store.stir();
    await hear(o);
    expect(o.orchestrator.state).toBe('running');
    o.orchestrator.pause();
    await store.control('resume');
    await hear(o);
    expect(o.orchestrator.state).toBe('running');
    expect(steering(o)).toEqual(['run:pause', 'run:resume', 'run:pause', 'run:resume']);
    call.succeed();
    await run;
  });

  test('the same twice is said once', async () => {
    const o = await orchestra({ tasks: ['one'] });
    const run = o.orchestrator.run();
    const call = await o.executor.nextCall();
    o.orchestrator.pause();
    o.orchestrator.pause();
    await o.store.control('pause');
    await hear(o);
    o.orchestrator.resume();
    expect(steering(o)).toEqual(['run:pause', 'run:resume']);
    call.succeed();
    await run;
  });
});

describe('asking', () => {
  test('many changes make one question, and one more after it', async () => {
    const store = new AskedStore();
    const o = await orchestra({ store, tasks: ['one'] });
    const run = o.orchestrator.run();
    const call = await o.executor.nextCall();
    await hear(o);
    const gate = Promise.withResolvers<void>();
    store.hold = gate.promise;
    const before = store.asked;
    const stirMuch = async (): Promise<void> => {
      for (let i = 0; i < 100; i++) {
        await store.stir();
        await turns(1);
      }
      await hear(o);
    };
    await stirMuch();
    expect([store.asked - before, store.open]).toEqual([1, 1]);
    await stirMuch();
    expect([store.asked - before, store.open]).toEqual([1, 1]);
    gate.resolve();
    await hear(o);
    expect([store.asked - before, store.open]).toEqual([2, 0]);
    call.succeed();
    await run;
  });

  test('a store that changes all the time is asked 20 times a second', async () => {
    const store = new AskedStore();
    const o = await orchestra({ store, tasks: ['one'] });
    const run = o.orchestrator.run();
    const call = await o.executor.nextCall();
    await hear(o);
    const before = store.asked;
    for (let ms = 0; ms < 1000; ms++) {
      await store.stir();
      o.runtime.advance(1);
      await turns(2);
    }
    expect(store.asked - before).toBe(20);
    call.succeed();
    await run;
  });

  test('a store that nobody changes is not asked', async () => {
    const store = new AskedStore();
    const o = await orchestra({ store, tasks: ['one'] });
    const run = o.orchestrator.run();
    const call = await o.executor.nextCall();
    await hear(o);
    await hear(o);
    const before = store.asked;
    for (let i = 0; i < 20; i++) await hear(o);
    expect(store.asked).toBe(before);
    call.succeed();
    await run;
  });

  test('a question that is open as the run ends is waited for, and its answer does nothing', async () => {
    const store = new AskedStore();
    const gate = Promise.withResolvers<void>();
    store.hold = gate.promise;
    const o = await orchestra({ store, tasks: ['one'] });
    const run = o.orchestrator.run();
    (await o.executor.nextCall()).succeed();
    await store.control('pause');
    await turns();
    expect(await store.runs()).toHaveLength(1);
    gate.resolve();
    expect(await run).toMatchObject({ completed: 1 });
    expect(steering(o)).toEqual([]);
  });

  test('the last word wins: told to pause again, after a resume here', async () => {
    const o = await orchestra({ tasks: ['one'] });
    const run = o.orchestrator.run();
    const call = await o.executor.nextCall();
    for (const _ of [1, 2]) {
      await hear(o);
      await o.store.control('pause');
      await hear(o);
      expect(o.orchestrator.state).toBe('paused');
      o.orchestrator.resume();
      expect(o.orchestrator.state).toBe('running');
    }
    call.succeed();
    expect(await run).toMatchObject({ completed: 1 });
    expect(steering(o)).toEqual(['run:pause', 'run:resume', 'run:pause', 'run:resume']);
  });

  test('a store that cannot say it ends the run: one that nobody can stop is not to go on', async () => {
    const store = new AskedStore();
    store.told = async () => {
      throw new OrchError('store-unusable', 'torn');
    };
    const runtime = new ManualRuntime();
    const o = await orchestra({ store, runtime, config: { stay: true } });
    await expect(o.orchestrator.run()).rejects.toThrow('torn');
    expect(o.orchestrator.state).toBe('error');
    expect(o.names()).toEqual(['run:start', 'run:end']);
  });
});
