import { expect, test } from 'vitest';
import { SimulatedExecutor } from '../../../src/executors/simulated/simulated-executor.ts';
import { created } from '../../../src/model/transitions.ts';
import type { ExecutionContext } from '../../../src/ports/executor.ts';

const signal = new AbortController().signal;
const taskOf = (id: string, description = 'Write a haiku.\nAbout rain.') =>
  created({ description }, id, '2026-01-01T00:00:00.000Z');
const instant = new SimulatedExecutor({ latencyMs: [0, 0] });
const outputOf = async (executor: SimulatedExecutor, id: string, context: Partial<ExecutionContext> = {}) =>
  (await executor.execute(taskOf(id), { attempt: 1, signal, ...context })).output!;

test('every output says that it is simulated, and for which task', async () => {
  const output = await outputOf(instant, 'task-001');
  expect(output).toBe(
    '[simulated] Attempt 1 at task-001. No model was asked.\nHere would be the answer to: Write a haiku.',
  );
});

test('the same question gets the same answer, also from another one', async () => {
  const again = new SimulatedExecutor({ latencyMs: [0, 1] });
  expect(await outputOf(instant, 'task-001')).toBe(await outputOf(again, 'task-001'));
});

test('a later attempt gives another output, which takes up the feedback', async () => {
  const previous = { output: 'x', feedback: 'Give an example.\nPlease.', issues: [] };
  const second = await outputOf(instant, 'task-001', { attempt: 2, previous });
  expect(second).toMatch(/Attempt 2 .*\nMended as asked for: Give an example\.$/s);
  expect(await outputOf(instant, 'task-001', { attempt: 3, previous })).not.toBe(second);
});

test('it spends nothing and says nothing of a cost', async () => {
  const result = await instant.execute(taskOf('task-001'), { attempt: 1, signal });
  expect(result).toStrictEqual({ success: true, output: expect.any(String), metadata: { simulated: true } });
});

test('a long description is not repeated whole', async () => {
  const { output } = await instant.execute(taskOf('task-001', 'x'.repeat(5000)), { attempt: 1, signal });
  expect(output).toContain(`${'x'.repeat(199)}…`);
  expect(output).not.toContain('x'.repeat(200));
});

test('an abort ends it at once, and it is returned, not thrown', async () => {
  const controller = new AbortController();
  const slow = new SimulatedExecutor({ latencyMs: [3_600_000, 3_600_000] });
  const running = slow.execute(taskOf('task-001'), { attempt: 1, signal: controller.signal });
  controller.abort();
  expect(await running).toEqual({ success: false, error: { kind: 'failed', message: 'aborted' } });
});

test('latencies that are none are refused', () => {
  for (const latencyMs of [
    [-1, 5],
    [5, 4],
    [Number.NaN, 5],
    [0, Number.POSITIVE_INFINITY],
  ] as const) {
    expect(() => new SimulatedExecutor({ latencyMs })).toThrow('Expected latencyMs');
  }
});
