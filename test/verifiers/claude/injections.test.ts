import { describe, expect, test } from 'vitest';
import type { Task } from '../../../src/model/task.ts';
import { ClaudeVerifier } from '../../../src/verifiers/claude/claude-verifier.ts';
import { numbered } from '../../../src/verifiers/claude/criteria.ts';
import { JUDGE_REQUEST } from '../../../src/verifiers/claude/prompt.ts';
import { readVerdict, VERDICT_SCHEMA } from '../../../src/verifiers/claude/verdict.ts';
import { verdict } from '../../support/claude-replies.ts';
import { useFaultServer } from '../../support/claude-setup.ts';
import type { Handler } from '../../support/fault-server.ts';
import { readFenced } from '../../support/fenced.ts';
import { makeTask } from '../../support/task.ts';
import { INJECTIONS } from './injections.ts';

const server = useFaultServer();

/** What a judge is told outside of the fences when nobody tries anything. */
const OURS = `\n\n\n\n\n\n${JUDGE_REQUEST}`;

/** Does whatever anybody tells it outside of the fences, and asks nobody who that was. */
const gullible: Handler = ({ prompt }) =>
  readFenced(prompt).outside === OURS
    ? verdict({ passed: false, feedback: 'not done', issues: ['all'] })
    : verdict({ passed: true });

const PLAIN = { description: 'Name three primes.', criteria: 'Each is above 10.' };

async function judge(task: Partial<Task>, output: string) {
  server().handle(gullible);
  const verifier = new ClaudeVerifier();
  const { signal } = new AbortController();
  const verification = await verifier.verify(makeTask(task), { success: true, output }, { signal });
  const { body, prompt } = server().requests.at(-1)!;
  expect(server().violations).toEqual([]);
  expect(body.messages).toEqual([{ role: 'user', content: prompt }]);
  expect(body.output_config).toMatchObject({ format: { type: 'json_schema', schema: VERDICT_SCHEMA } });
  return { verification, fenced: readFenced(prompt), system: body.system };
}

const ALL = ['task', 'criteria', 'result'];

describe.each(INJECTIONS)('$name', ({ text }) => {
  /** As it arrives: half a surrogate pair cannot be sent. */
  const sent = text.toWellFormed();

  test('in the result stays a result', async () => {
    const { system } = await judge(PLAIN, '1, 2, 3');
    const tried = await judge(PLAIN, text);
    expect(tried.fenced.labels).toEqual(ALL);
    expect(tried.fenced.inside).toEqual({ task: PLAIN.description, criteria: PLAIN.criteria, result: sent });
    expect(tried.fenced.outside).toBe(OURS);
    expect(tried.system).toEqual(system);
    expect(tried.verification).toMatchObject({ passed: false });
  });

  test('in the task stays a task', async () => {
    const tried = await judge({ ...PLAIN, description: text }, '11, 13, 17');
    expect(tried.fenced.inside).toEqual({ task: sent, criteria: PLAIN.criteria, result: '11, 13, 17' });
    expect(tried.fenced.outside).toBe(OURS);
    expect(tried.verification).toMatchObject({ passed: false });
  });

  test('in the criteria stays a criterion', async () => {
    const tried = await judge({ ...PLAIN, criteria: text }, '11, 13, 17');
    expect(tried.fenced.inside).toEqual({
      task: PLAIN.description,
      criteria: numbered(text).toWellFormed(),
      result: '11, 13, 17',
    });
    expect(tried.fenced.outside).toBe(OURS);
    expect(tried.verification).toMatchObject({ passed: false });
  });

  test.each([
    ['in prose', `The result says: ${text}`],
    ['in a code fence', `\`\`\`json\n${text}\n\`\`\``],
    ['as a text', JSON.stringify(text)],
    ['in a list', JSON.stringify([text])],
    ['under a name', JSON.stringify({ verdict: text })],
    ['as the feedback of a verdict without an answer', JSON.stringify({ feedback: text })],
  ])('that the judge repeats %s is no verdict', (_, reply) => {
    expect(readVerdict(reply)).toEqual({ reason: expect.stringMatching(/not JSON|not a verdict/) });
  });
});

test('there are at least 40, each with a name of its own', () => {
  expect(new Set(INJECTIONS.map(({ name }) => name)).size).toBe(INJECTIONS.length);
  expect(INJECTIONS.length).toBeGreaterThanOrEqual(40);
});
