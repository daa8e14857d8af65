import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bestBytes } from '../../src/model/best-attempt.ts';
import { outputBytes, resultBytes } from '../../src/model/encoding.ts';
import { makeTask } from '../support/task.ts';

test('an output stands for exactly the bytes that it was made of', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const output = Buffer.from(bytes).toString('base64');
      expect(outputBytes(output, { encoding: 'base64' })).toEqual(Buffer.from(bytes));
    }),
  );
  expect(outputBytes('YQ==', undefined).toString()).toBe('YQ==');
  expect(outputBytes('ü', { encoding: 'other' }).toString()).toBe('ü');
});

test("a result's encoding is that of the attempt that passed, a best output's its own attempt's", () => {
  const attempt = { number: 1, run: 'a', startedAt: '2026-01-01T00:00:00.000Z' };
  const binary = { ...attempt, metadata: { encoding: 'base64' } };
  const passed = { ...binary, number: 2, outcome: 'passed' as const };
  const rejected = { ...attempt, outcome: 'rejected' as const, output: 'text' };
  const task = makeTask({ status: 'completed', attempts: 2, result: '/w==', history: [rejected, passed] });
  expect(resultBytes(task)).toEqual(Buffer.from([0xff]));
  expect(bestBytes(task)).toEqual(Buffer.from([0xff]));
  expect(resultBytes(makeTask())).toBeUndefined();
  const failed = makeTask({ attempts: 1, history: [{ ...binary, outcome: 'failed', output: '/w==' }] });
  expect(bestBytes(failed)).toEqual(Buffer.from([0xff]));
});
