import { expect, test } from 'vitest';
import { storyOf } from '../../src/cli/story.ts';
import { paint } from '../../src/cli/terminal.ts';
import type { Attempt, Task } from '../../src/model/task.ts';

const at = '2026-01-01T00:00:00.000Z';
const attempt = (number: number, more: Partial<Attempt>): Attempt => ({
  number,
  run: 'r',
  startedAt: at,
  ...more,
});

async function lines(history: Attempt[], more: Partial<Task> = {}): Promise<string[]> {
  const task: Task = {
    id: 'a',
    description: 'do it',
    status: 'pending',
    attempts: 0,
    priority: 0,
    createdAt: at,
    history,
    ...more,
  };
  return storyOf(task, { blocked: undefined, runs: [], paint: await paint(false) });
}

test('each attempt says what it used and cost, and what may have been billed besides', async () => {
  const priced = { inputTokens: 1_000, outputTokens: 300, costUsd: 0.005 };
  const story = await lines([
    attempt(1, { outcome: 'rejected', usage: priced, metadata: { model: 'm' } }),
    attempt(2, { outcome: 'interrupted', usage: { ...priced, possibleUsd: 0.25 } }),
    attempt(3, { outcome: 'failed', usage: { inputTokens: 1, outputTokens: 2 } }),
    attempt(4, { outcome: 'failed' }),
  ]);
  expect(story.filter((line) => line.startsWith('  used '))).toEqual([
    '  used 1,000 tokens in, 300 out, $0.0050',
    '  used 1,000 tokens in, 300 out, $0.0050, at most $0.2500 more for answers that were lost',
    '  used 1 tokens in, 2 out, cost unknown',
  ]);
});

test('says once what is feedback and issue', async () => {
  const verdict = { passed: false, confidence: 1, feedback: 'Too long.', issues: ['Too long.', 'No rain.'] };
  const story = await lines([attempt(1, { outcome: 'rejected', verdict })]);
  expect(story.slice(-3)).toEqual(['  rejected with confidence 1', '  Too long.', '  - No rain.']);
});

test('the whole has what an output cost that waits for its verdict', async () => {
  const usage = { inputTokens: 1, outputTokens: 2, costUsd: 0.5 };
  const story = await lines([attempt(1, { output: 'o', usage })], { usage });
  expect(story).toContain('  used        2 tokens in, 4 out, $1.00');
});
