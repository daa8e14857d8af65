import { describe, expect, test } from 'vitest';
import {
  filledDescription,
  MAX_RESULT_BYTES,
  MAX_RESULTS_BYTES,
  mostResultBytes,
  taskResults,
} from '../../src/claude/task-results.ts';
import { makeTask } from '../support/task.ts';

const give = (results: Record<string, string>) => async (id: string) => results[id] ?? '';

describe('results in a description', () => {
  test('are those it asks for and comes after; the stored description stays as it is', async () => {
    const task = makeTask({ description: 'Sum up {{a}}, not {{b}}, {{ a }} or {x}.', after: ['a', 'c'] });
    const results = await taskResults(task, give({ a: 'one', b: 'two', c: 'three' }));
    expect(results).toEqual([{ id: 'a', text: 'one', bytes: 3 }]);
    expect(filledDescription(task, results, 'n1')).toBe(
      'Sum up <result-of-a-n1>\none\n</result-of-a-n1>, not {{b}}, {{ a }} or {x}.',
    );
    expect(task.description).toBe('Sum up {{a}}, not {{b}}, {{ a }} or {x}.');
  });

  test('are in base64 where they are no text', async () => {
    const task = makeTask({ description: '{{a}}', after: ['a'] });
    const results = await taskResults(task, async () => Buffer.from([0xff, 0]));
    expect(results).toEqual([{ id: 'a', text: '/wA=', bytes: 4 }]);
  });

  test('stay placeholders where nobody gives any', async () => {
    const task = makeTask({ description: '{{a}}', after: ['a'] });
    expect(await taskResults(task, undefined)).toEqual([]);
    expect(filledDescription(task, [], 'n1')).toBe('{{a}}');
  });

  test('are put in once, and named where they are asked for again', async () => {
    const task = makeTask({ description: '{{a}} {{a}} {{a}}', after: ['a'] });
    const results = await taskResults(task, give({ a: 'one' }));
    expect(filledDescription(task, results, 'n1')).toBe(
      '<result-of-a-n1>\none\n</result-of-a-n1> [the result of a, as above] [the result of a, as above]',
    );
  });

  test('may hold placeholders of their own, which stay', async () => {
    const task = makeTask({ description: '{{a}} {{b}}', after: ['a', 'b'] });
    const results = await taskResults(task, give({ a: '{{b}} $&', b: 'two' }));
    expect(filledDescription(task, results, 'n1')).toContain('\n{{b}} $&\n');
  });

  test('are cut at a whole character, and said to be', async () => {
    const long = `x${'€'.repeat(30_000)}`;
    const task = makeTask({ description: '{{a}}', after: ['a'] });
    const results = await taskResults(task, give({ a: long }));
    const kept = 1 + 3 * Math.floor((MAX_RESULT_BYTES - 1) / 3);
    expect(Buffer.byteLength(results[0]!.text)).toBe(kept);
    expect(long.startsWith(results[0]!.text)).toBe(true);
    expect(filledDescription(task, results, 'n1')).toMatch(
      new RegExp(`</result-of-a-n1>\\n\\[cut: these are the first ${kept} of its 90001 bytes\\]$`),
    );
  });

  test('of exactly the longest length are whole', async () => {
    const task = makeTask({ description: '{{a}}', after: ['a'] });
    const results = await taskResults(task, give({ a: 'x'.repeat(MAX_RESULT_BYTES) }));
    expect(filledDescription(task, results, 'n1')).not.toContain('[cut');
  });

  test('are bounded together, too', async () => {
    const after = Array.from({ length: 10 }, (_, i) => `t${i}`);
    const task = makeTask({ description: after.map((id) => `{{${id}}}`).join(' '), after });
    const results = await taskResults(task, async () => 'x'.repeat(100_000));
    expect(results.map(({ text }) => text.length).reduce((a, b) => a + b)).toBe(MAX_RESULTS_BYTES);
    expect(mostResultBytes(task)).toBe(MAX_RESULTS_BYTES);
    expect(filledDescription(task, results, 'n1')).toContain(
      '[cut: these are the first 0 of its 100000 bytes]',
    );
    expect(mostResultBytes(makeTask({ description: '{{a}}', after: ['a'] }))).toBe(MAX_RESULT_BYTES);
  });
});
