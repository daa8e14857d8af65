import { expect, test } from 'vitest';
import { storyOf } from '../../../src/cli/story/story.ts';
import { paint } from '../../../src/cli/terminal.ts';
import type { Attempt, Task } from '../../../src/model/task.ts';

const at = '2026-01-01T00:00:00.000Z';
const attempt = (number: number, more: Partial<Attempt>): Attempt => ({
  number,
  run: 'r',
  startedAt: at,
  ...more,
});

async function lines(history: Attempt[], more: Partial<Task> = {}, columns = Infinity): Promise<string[]> {
  const task: Task = {
    id: 'a',
    description: 'do it',
    status: 'pending',
    attempts: history.length,
    priority: 0,
    createdAt: at,
    history,
    ...more,
  };
  const options = {
    blocked: undefined,
    runs: [],
    paint: await paint(false),
    now: Date.parse(at),
    isFull: false,
    columns,
  };
  return storyOf(task, { ...options, hint: (command) => `orch ${command}` });
}

test('each attempt says what it used and cost, and what may have been billed besides', async () => {
  const priced = { inputTokens: 1_000, outputTokens: 300, costUsd: 0.005 };
  const story = await lines([
    attempt(1, { outcome: 'rejected', usage: priced, metadata: { model: 'm' } }),
    attempt(2, { outcome: 'interrupted', usage: { ...priced, possibleUsd: 0.25 } }),
    attempt(3, { outcome: 'failed', usage: { inputTokens: 1, outputTokens: 2 } }),
    attempt(4, { outcome: 'failed' }),
  ]);
  expect(story.filter((line) => line.startsWith('  It used '))).toEqual([
    '  It used 1,000 tokens in, 300 out, $0.0050.',
    '  It used 1,000 tokens in, 300 out, $0.0050, at most $0.2500 more for answers that were lost.',
    '  It used 1 tokens in, 2 out, cost unknown.',
  ]);
});

test('says once what is feedback and issue, also where the feedback lists the issues', async () => {
  const verdict = { passed: false, confidence: 1, feedback: 'Too long.', issues: ['Too long.', 'No rain.'] };
  const story = await lines([attempt(1, { outcome: 'rejected', verdict })]);
  expect(story.slice(-3)).toEqual(['  The verifier rejected it:', '    Too long.', '    - No rain.']);
  const issues = ['/a: must be a string', '/b: is missing'];
  const feedback = ['The result does not fit its JSON Schema:', ...issues.map((each) => `- ${each}`)].join(
    '\n',
  );
  const schema = await lines([
    attempt(1, { outcome: 'rejected', verdict: { ...verdict, feedback, issues } }),
  ]);
  expect(schema.slice(-3)).toEqual([
    '    The result does not fit its JSON Schema:',
    '    - /a: must be a string',
    '    - /b: is missing',
  ]);
});

test('an issue of which the feedback only holds a part is said', async () => {
  const verdict = { passed: false, confidence: 1, feedback: 'No rain at all.', issues: ['No rain'] };
  const story = await lines([attempt(1, { outcome: 'rejected', verdict })]);
  expect(story.slice(-2)).toEqual(['    No rain at all.', '    - No rain']);
});

test('of several verifiers it says what each said', async () => {
  const verdict = { passed: false, confidence: 1, feedback: 'too long', issues: [] };
  const passed = { ...verdict, passed: true, feedback: '' };
  const of = async (more: Partial<Attempt>) =>
    (await lines([attempt(1, more)])).filter((line) => /passed it|rejected it/.test(line));
  const evidence = [
    { verifier: 'expect', ...passed },
    { verifier: 'run-schema', ...passed },
    { verifier: 'check', ...verdict },
  ];
  expect(await of({ outcome: 'rejected', verdict, evidence })).toEqual([
    "  The pattern and the run's schema passed it, the check rejected it:",
  ]);
  expect(await of({ outcome: 'passed', verdict: passed, evidence: evidence.slice(0, 2) })).toEqual([
    "  The pattern and the run's schema passed it.",
  ]);
  const judge = { model: 'm' };
  const sure = { ...verdict, confidence: 0.876 };
  expect(
    await of({ outcome: 'rejected', verdict: sure, judge, evidence: [{ verifier: 'judge', ...sure }] }),
  ).toEqual(['  The judge (m) rejected it, 88 % sure:']);
  expect(await of({ outcome: 'rejected', verdict, evidence: [{ verifier: 'mine', ...verdict }] })).toEqual([
    '  The verifier mine rejected it:',
  ]);
});

test('the whole has what an output cost that waits for its verdict', async () => {
  const usage = { inputTokens: 1, outputTokens: 2, costUsd: 0.5 };
  const story = await lines([attempt(1, { output: 'o', usage })], { usage });
  expect(story).toContain('  used        2 tokens in, 4 out, $1.00');
});

test('on a narrow screen each line goes on below its beginning, and what is to be typed stays whole', async () => {
  const verdict = {
    passed: false,
    confidence: 0.9,
    feedback: 'The second line has nine syllables, where a haiku has seven.',
    issues: ['No season is named in any of the three lines'],
  };
  const description = 'Write a haiku about the sea, in which a gull cries';
  const story = await lines(
    [attempt(1, { outcome: 'rejected', output: 'a gull\n  cries over the sea, again and again', verdict })],
    { status: 'failed', description, criteria: 'three lines of five, seven and five syllables', ...FAILED },
    40,
  );
  expect(story).toEqual([
    '✗ a failed after 1 attempt',
    '  Write a haiku about the sea, in which',
    '  a gull cries',
    '',
    '  added       today at 00:00 UTC',
    '  criteria    three lines of five, seven',
    '              and five syllables',
    '',
    '✗ Attempt 1 was rejected, today at 00:00',
    '  UTC',
    '  The verifier rejected it, 90 % sure:',
    '    The second line has nine syllables,',
    '    where a haiku has seven.',
    '    - No season is named in any of the',
    '      three lines',
    '  It gave:',
    '    a gull',
    '      cries over the sea, again and',
    '      again',
    '',
    'It failed: its last result was rejected,',
    'and it gets no more attempts: too long',
    'Next: orch retry a gives it one more',
    'round, and keeps what was learned;',
    'orch show a --result --any prints its',
    'best output',
  ]);
});

const FAILED = { error: { kind: 'rejected', message: 'too long' } } as const;
