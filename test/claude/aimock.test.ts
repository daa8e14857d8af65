import { useAimock } from '@copilotkit/aimock/vitest';
import { beforeEach, expect, test, vi } from 'vitest';
import { ClaudeExecutor } from '../../src/executors/claude/claude-executor.ts';
import { ClaudeVerifier } from '../../src/verifiers/claude/claude-verifier.ts';
import { useClaudeEnvironment } from '../support/claude-setup.ts';
import { makeTask } from '../support/task.ts';

// An imitation of the API that is not ours, so that ours cannot share our misunderstandings of it.
const mock = useAimock({ patchEnv: false });
useClaudeEnvironment();
beforeEach(() => vi.stubEnv('ANTHROPIC_BASE_URL', mock().url));

const signal = new AbortController().signal;

test('a task is done, rejected, mended by its feedback, and passed', async () => {
  const usage = { input_tokens: 30, output_tokens: 4 };
  const verdicts = [
    { passed: false, confidence: 0.9, feedback: 'Say it in English.', issues: ['English: bleu is French'] },
    { passed: true, confidence: 1, feedback: 'A colour.', issues: [] },
  ];
  mock().llm.on({ systemMessage: 'You judge' }, () => ({ content: JSON.stringify(verdicts.shift()) }));
  mock().llm.onMessage(/Say it in English\./, { content: 'blue', usage });
  mock().llm.onMessage(/^Name a colour\.$/, { content: 'bleu', usage });
  const task = makeTask();
  const executor = new ClaudeExecutor();
  const verifier = new ClaudeVerifier();

  const first = await executor.execute(task, { attempt: 1, signal });
  if (!first.success) throw new Error(first.error.message);
  expect(first).toMatchObject({
    output: 'bleu',
    usage: { inputTokens: 30, outputTokens: 4, costUsd: 0.0001 },
  });
  const rejected = await verifier.verify(task, first, { signal });
  if (!('passed' in rejected)) throw new Error(JSON.stringify(rejected));
  expect(rejected).toMatchObject({ passed: false, feedback: 'Say it in English.' });

  const previous = { output: first.output, feedback: rejected.feedback, issues: rejected.issues };
  const second = await executor.execute(task, { attempt: 2, signal, previous });
  if (!second.success) throw new Error(second.error.message);
  expect(second.output).toBe('blue');
  expect(await verifier.verify(task, second, { signal })).toMatchObject({ passed: true, confidence: 1 });
  expect(mock().llm.getRequests()).toHaveLength(4);
});
