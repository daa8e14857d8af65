import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ExpectVerifier } from '../../../src/verifiers/expect/expect-verifier.ts';
import { makeTask } from '../../support/task.ts';

const { signal } = new AbortController();

function verify(pattern: string, output: string) {
  return new ExpectVerifier({ expect: pattern }).verify(makeTask(), { success: true, output }, { signal });
}

test('a result in which it is found passes', async () => {
  const passed = { passed: true, confidence: 1, feedback: '', issues: [], isCheck: true };
  expect(await verify('^\\d+$', '42')).toEqual(passed);
});

test('otherwise the feedback says what was expected', async () => {
  const feedback = 'Expected the result to match the regular expression /^yes$/i';
  expect(await verify('/^yes$/i', 'no')).toEqual({
    passed: false,
    confidence: 1,
    feedback,
    issues: [feedback],
    isCheck: true,
  });
});

test.each([
  ['42\n', true],
  ['42\r\n', true],
  ['42\n\n', false],
  ['42 \n', false],
])('one line end at the end does not count: %j', async (output, passed) => {
  expect(await verify('^42$', output)).toMatchObject({ passed });
});

describe('a match that would take for ever', () => {
  const endless = new ExpectVerifier({ expect: '^(a+)+$', timeoutMs: 20 });
  const execution = { success: true, output: `${'a'.repeat(60)}!` } as const;

  test('is ended, is no verdict, and the next match is made as ever', async () => {
    const reason = 'the match with ^(a+)+$ gave nothing: it did not end within 0.02 s';
    expect(await endless.verify(makeTask(), execution, { signal })).toEqual({
      inconclusive: true,
      reason,
      isCheck: true,
    });
    expect(await verify('a', 'a')).toMatchObject({ passed: true });
  });

  test('leaves this thread to others', async () => {
    const slow = new ExpectVerifier({ expect: '^(a+)+$' });
    const abort = new AbortController();
    const answer = slow.verify(makeTask(), execution, { signal: abort.signal });
    // Where the match held this thread, the abort could not be said before its five seconds are over.
    await new Promise((resolve) => setImmediate(resolve));
    abort.abort();
    expect(await answer).toMatchObject({ inconclusive: true, reason: expect.stringContaining('abort') });
  });
});

test('matches that never end leave threads to the others', async () => {
  const abort = new AbortController();
  const execution = { success: true, output: `${'a'.repeat(60)}!` } as const;
  const slow = new ExpectVerifier({ expect: '^(a+)+$', timeoutMs: 600_000 });
  const endless = [1, 2, 3].map(() => slow.verify(makeTask(), execution, { signal: abort.signal }));
  expect(await verify('a', 'a')).toMatchObject({ passed: true });
  const fourth = slow.verify(makeTask(), execution, { signal: abort.signal });
  const waits = verify('a', 'a');
  abort.abort();
  for (const answer of [...endless, fourth])
    expect(await answer).toMatchObject({ reason: expect.stringContaining('abort') });
  expect(await waits).toMatchObject({ passed: true });
});

describe('which pattern', () => {
  const own = new ExpectVerifier();
  const execution = { success: true, output: 'a' } as const;

  test("without one of its own, the task's decides", async () => {
    expect(own.applies(makeTask())).toBe(false);
    const task = makeTask({ expect: 'b' });
    expect(own.applies(task)).toBe(true);
    expect(await own.verify(task, execution, { signal })).toMatchObject({ passed: false });
  });

  test('one of its own is for every task', async () => {
    const verifier = new ExpectVerifier({ name: 'run-expect', expect: 'a' });
    expect(verifier.name).toBe('run-expect');
    expect(verifier.applies(makeTask())).toBe(true);
    expect(await verifier.verify(makeTask({ expect: 'b' }), execution, { signal })).toMatchObject({
      passed: true,
    });
  });

  test("a task's that is none makes it unverifiable at once; an own one is refused", async () => {
    expect(await own.verify(makeTask({ expect: '(' }), execution, { signal })).toMatchObject({
      error: { kind: 'permanent', message: expect.stringContaining('"(" is no regular expression') },
    });
    expect(() => new ExpectVerifier({ expect: '(' })).toThrow('no regular expression');
  });
});

test('it finds what JavaScript finds, many at once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.stringMatching(/^[ab.*+?|]{1,6}$/u),
      fc.stringMatching(/^[ab]{0,8}$/u),
      async (pattern, output) => {
        let found: boolean;
        try {
          found = new RegExp(pattern, 'u').test(output);
        } catch {
          return;
        }
        const answers = await Promise.all([verify(pattern, output), verify(pattern, output)]);
        for (const answer of answers) expect(answer).toMatchObject({ passed: found });
      },
    ),
    { numRuns: 50 },
  );
});

test('what is no UTF-8 is U+FFFD', async () => {
  const output = Buffer.from([0x61, 0xff, 0x62]).toString('base64');
  const execution = { success: true, output, metadata: { encoding: 'base64' } } as const;
  const verifier = new ExpectVerifier({ expect: '^a\\uFFFDb$' });
  expect(await verifier.verify(makeTask(), execution, { signal })).toMatchObject({ passed: true });
});
