import { describe, expect, test } from 'vitest';
import { message, spendCap, unauthorized, unknownModel, verdict } from '../support/claude-replies.ts';
import { TEST_KEY, useFaultServer } from '../support/claude-setup.ts';
import { Cli, jsonLines } from '../support/cli.ts';
import { readFenced } from '../support/fenced.ts';

const server = useFaultServer();
const env = (): Record<string, string> => ({ ANTHROPIC_BASE_URL: server().url, ANTHROPIC_API_KEY: TEST_KEY });

async function withTasks(...descriptions: string[]): Promise<Cli> {
  const cli = new Cli();
  await cli.run(['add', '-'], { input: descriptions.join('\n') });
  return cli;
}

describe('run with Claude', () => {
  test('does a task, has it judged, and keeps what it cost', async () => {
    const cli = await withTasks('say hello');
    server().handle(({ isJudge }) => (isJudge ? verdict({ passed: true }) : message({ text: 'hello' })));
    const { stdout, stderr, code } = await cli.run(['run'], { env: env() });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('✓ task-001  completed');
    expect(await cli.tasks()).toMatchObject([
      // 10 tokens in and 5 out for each of the two calls, at 2 and 10 dollars a million.
      { result: 'hello', verified: true, usage: { inputTokens: 20, outputTokens: 10, costUsd: 0.00014 } },
    ]);
    expect((await cli.run(['status'])).stdout).toContain('$0.0001');
  });

  test('each flag reaches the request that it is about', async () => {
    const cli = await withTasks('say hello');
    const flags = [
      '--model',
      'claude-opus-5-5',
      '--verifier-model',
      'claude-haiku-4-5',
      '--max-tokens',
      '999',
    ];
    await cli.run(['run', ...flags], { env: env() });
    const [work, judgement] = server().requests.map(({ body }) => body);
    expect(work).toMatchObject({ model: 'claude-opus-5-5', max_tokens: 999 });
    expect(judgement).toMatchObject({
      model: 'claude-haiku-4-5',
      output_config: { format: { type: 'json_schema' } },
    });
    expect(server().violations).toEqual([]);
  });

  test('when attempts run out, the best one is kept, and not the last', async () => {
    const cli = await withTasks('say hello');
    const issues: Record<string, string[]> = { hi: ['short', 'rude'], hello: ['rude'], hey: ['a', 'b', 'c'] };
    server().handle(({ isJudge, prompt, number }) => {
      if (!isJudge) return message({ text: ['hi', 'hello', 'hey'][Math.floor(number / 2)] });
      return verdict({ passed: false, issues: issues[readFenced(prompt).inside.result ?? ''] });
    });
    expect((await cli.run(['run'], { env: env() })).code).toBe(1);
    const { stdout } = await cli.run(['show', 'task-001', '--result', '--any']);
    expect(stdout).toBe('hello');
    expect((await cli.run(['show', 'task-001'])).stdout).toMatch(/Attempt 2: rejected.*, the best one/);
    expect((await cli.run(['show', 'task-001', '--result'])).stdout).toBe('');
    const [task] = await cli.tasks();
    expect(task).toMatchObject({ status: 'failed', best: 2 });
    expect(task).not.toHaveProperty('result');
  });

  test('--no-verify asks no judge, and the task says so', async () => {
    const cli = await withTasks('say hello');
    await cli.run(['run', '--no-verify'], { env: env() });
    expect(server().requests).toHaveLength(1);
    expect(await cli.tasks()).toMatchObject([{ status: 'completed', verified: false }]);
  });

  test('--judge lets Claude judge what a command gave', async () => {
    const cli = await withTasks('say hello');
    server().handle(() => verdict({ passed: false, feedback: 'too loud' }));
    const { stdout, code } = await cli.run(['run', '--exec', 'tr a-z A-Z', '--judge'], { env: env() });
    expect(code).toBe(1);
    expect(stdout).toContain('too loud');
    expect(server().requests.every(({ isJudge, prompt }) => isJudge && prompt.includes('SAY HELLO'))).toBe(
      true,
    );
  });

  test.each([
    ['a key that is refused', unauthorized],
    ['a model that is not known', unknownModel],
  ])('%s ends the run with 2 before more is tried, and the tasks stay pending', async (_, reply) => {
    const cli = await withTasks('one', 'two', 'three');
    server().handle(reply);
    const { stdout, code } = await cli.run(['run', '-j', '1', '--json'], { env: env() });
    expect(code).toBe(2);
    expect(server().requests).toHaveLength(1);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ stats: { failed: 0, stopReason: { kind: 'fatal' } } });
    expect((await cli.tasks()).map(({ status, attempts }) => [status, attempts])).toEqual([
      ['pending', 0],
      ['pending', 0],
      ['pending', 0],
    ]);
  });

  test('a spend cap ends the run with 75, says when to resume, and counts nothing', async () => {
    const cli = await withTasks('one', 'two');
    server().handle(() => spendCap());
    const { stdout, code } = await cli.run(['run', '-j', '1', '--json'], { env: env() });
    expect(code).toBe(75);
    const end = jsonLines(stdout).at(-1) as { stats: { stopReason: { kind: string; resumeAt: string } } };
    expect(end.stats.stopReason.kind).toBe('unavailable');
    expect(end.stats.stopReason.resumeAt).toMatch(/^\d{4}-\d{2}-01T00:00:00\.\d{3}Z$/);
    expect((await cli.tasks()).map(({ status, attempts }) => [status, attempts])).toEqual([
      ['pending', 0],
      ['pending', 0],
    ]);
    const text = await cli.run(['run'], { env: env() });
    expect(text.code).toBe(75);
    expect(text.stdout).toMatch(/spend limit/);
  });

  test('no key is kept or shown, though every error text repeats it', async () => {
    const cli = await withTasks('one');
    server().handle(({ number }) => (number === 1 ? message({ text: 'x' }) : unauthorized()));
    const run = await cli.run(['run'], { env: { ...env(), ORCH_DEBUG: '1', ANTHROPIC_LOG: 'warn' } });
    const everything = run.stdout + run.stderr + cli.read('tasks.json');
    expect(everything).toContain('[redacted]');
    expect(everything).not.toContain(TEST_KEY);
  });

  test('--sample, as npm start runs it, has the sample tasks done by Claude where there are credentials', async () => {
    const cli = new Cli();
    const { stdout, code } = await cli.run(['run', '--sample'], { env: { ...env(), TMPDIR: cli.dir } });
    expect(code).toBe(0);
    expect(stdout).toContain('Done by Claude (credentials: ');
    expect(stdout).toContain('3 completed, 0 failed');
    expect(server().requests.map(({ prompt }) => prompt)).toContain('Write a haiku about orchestration');
    expect(stdout).not.toContain(TEST_KEY);
  });
});
