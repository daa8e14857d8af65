import { describe, expect, test } from 'vitest';
import { shouting } from '../support/fake-executor.ts';
import { turns } from '../support/manual-runtime.ts';
import { orchestra } from '../support/orchestra.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString();
const tasks = ['now', { description: 'soon', notBefore: at(5) }, { description: 'late', notBefore: at(60) }];
const untilDue = (seconds: number) => ({ untilDue: Date.parse(at(seconds)) });

describe('tasks that are due later', () => {
  test('are left, and the run says when the first is due', async () => {
    const { orchestrator, store } = await orchestra({ tasks, executor: shouting });
    const stats = await orchestrator.run();
    expect(stats).toMatchObject({ completed: 1, dueAt: at(5) });
    expect(stats).not.toHaveProperty('stopReason');
    expect(await store.counts()).toMatchObject({ pending: 2 });
  });

  test('are waited for as far as they are due by the time given, that time included', async () => {
    const { orchestrator, runtime, events } = await orchestra({
      tasks,
      executor: shouting,
      config: untilDue(5),
    });
    const run = orchestrator.run();
    await runtime.untilSleeping((ms) => ms === 5000);
    expect(events.filter(({ event }) => event === 'run:wait')).toMatchObject([{ dueAt: at(5) }]);
    runtime.advance(5000);
    expect(await run).toMatchObject({ completed: 2, dueAt: at(60) });
  });

  test('that are due after that time end the run at once', async () => {
    const { orchestrator, names } = await orchestra({ tasks, executor: shouting, config: untilDue(4.999) });
    expect(await orchestrator.run()).toMatchObject({ completed: 1, dueAt: at(5) });
    expect(names()).not.toContain('run:wait');
  });

  test('are not waited for after a stop, nor does the run say that they are due', async () => {
    const { orchestrator, runtime } = await orchestra({ tasks, executor: shouting, config: untilDue(60) });
    const run = orchestrator.run();
    await runtime.untilSleeping((ms) => ms === 5000);
    orchestrator.stop();
    const stats = await run;
    expect(stats).toMatchObject({ completed: 1, stopReason: { kind: 'stopped' } });
    expect(stats).not.toHaveProperty('dueAt');
  });

  test('a run that waits takes what is added meanwhile, and tells of the wait once', async () => {
    const { orchestrator, runtime, store, names } = await orchestra({
      tasks,
      executor: shouting,
      config: untilDue(5),
    });
    const run = orchestrator.run();
    await runtime.untilSleeping((ms) => ms === 5000);
    await store.add([{ description: 'new' }]);
    await turns();
    expect((await store.get('task-004'))?.status).toBe('completed');
    await runtime.untilSleeping((ms) => ms === 5000);
    runtime.advance(5000);
    expect(await run).toMatchObject({ completed: 3 });
    expect(names().filter((name) => name === 'run:wait')).toHaveLength(1);
  });

  test('a time that is none is refused', async () => {
    await expect(orchestra({ config: { untilDue: Number.NaN } })).rejects.toThrow('untilDue');
  });
});
