import { describe, expect, test } from 'vitest';
import { LIST, PriceTable } from '../../src/claude/prices.ts';
import { requireAffordable } from '../../src/cli/run/affordable.ts';
import { message, tokenCount, unauthorized } from '../support/claude-replies.ts';
import { TEST_KEY, useFaultServer } from '../support/claude-setup.ts';
import { Cli, jsonLines, resultOf } from '../support/cli.ts';

const server = useFaultServer();
const env = (): Record<string, string> => ({ ANTHROPIC_BASE_URL: server().url, ANTHROPIC_API_KEY: TEST_KEY });

async function withTasks(count: number): Promise<Cli> {
  const cli = new Cli();
  await cli.run(['add', '-'], { input: Array.from({ length: count }, (_, i) => `task ${i}\n`).join('') });
  return cli;
}

/** Of Sonnet 5.5, 10 dollars a million: three cents each. */
const dear = () => message({ text: 'done', usage: { input_tokens: 0, output_tokens: 3_000 } });

describe('--max-cost', () => {
  test('stops the run before it is exceeded, warns before that, and leaves the rest pending', async () => {
    const cli = await withTasks(40);
    server().handle(dear);
    const flags = ['run', '-j', '8', '--no-verify', '--max-tokens', '4000', '--max-cost', '$0.50'];
    const { code, stdout } = await cli.run([...flags, '--json'], { env: env() });
    expect(code).toBe(3);
    const events = jsonLines(stdout);
    // Sixteen are 48 cents; one more might be 53.
    expect(events.at(-1)).toMatchObject({
      event: 'run:end',
      stats: {
        costUsd: expect.closeTo(0.48),
        stopReason: {
          kind: 'safety',
          message: 'the budget of $0.5 leaves no room: $0.48 is spent, and another call may cost $0.0499',
        },
      },
    });
    expect(events.filter(({ event }) => event === 'budget:warning')).toMatchObject([
      { pool: { capUsd: 0.5 } },
    ]);
    const { counts, pool } = JSON.parse((await cli.run(['status', '--json'])).stdout);
    expect(counts).toMatchObject({ completed: 16, pending: 24, in_progress: 0, failed: 0 });
    // The pool closed with the run.
    expect(pool).toBeUndefined();
  });

  test('is in status as long as the run lives, and after that why it ended', async () => {
    const cli = await withTasks(3);
    const held = Promise.withResolvers<void>();
    let calls = 0;
    server().handle(async () => {
      if (++calls > 1) await held.promise;
      return dear();
    });
    const flags = ['-j', '1', '--no-verify', '--max-tokens', '4000', '--max-cost', '0.09'];
    const run = resultOf(cli.start(['run', ...flags], { env: env() }));
    await server().received(2);
    const json = JSON.parse((await cli.run(['status', '--json'])).stdout);
    expect(json.pool).toEqual({
      spentUsd: expect.closeTo(0.03),
      reservedUsd: expect.closeTo(0.0499, 3),
      capUsd: 0.09,
    });
    expect(json).not.toHaveProperty('lastStop');
    expect((await cli.run(['status'])).stdout).toMatch(
      /^These runs spent \$0\.0300 of \$0\.0900, \$0\.0499 set aside for calls under way$/m,
    );
    held.resolve();
    expect((await run).code).toBe(3);
    const after = JSON.parse((await cli.run(['status', '--json'])).stdout);
    const message = 'the budget of $0.09 leaves no room: $0.06 is spent, and another call may cost $0.0499';
    expect(after.lastStop).toEqual({
      kind: 'safety',
      message,
      run: expect.any(String),
      at: expect.any(String),
    });
    expect((await cli.run(['status'])).stdout).toContain(
      `The last run ended early (safety): ${message} (run-`,
    );
    expect((await cli.run(['run', '--exec', 'cat'])).code).toBe(0);
    expect(JSON.parse((await cli.run(['status', '--json'])).stdout)).not.toHaveProperty('lastStop');
  });

  test('is no news once everything is reset, or nothing is left to do', async () => {
    const cli = await withTasks(2);
    const stopped = async () => {
      const flags = ['-j', '1', '--exec', 'false', '--max-attempts', '1', '--max-failures', '1'];
      expect((await cli.run(['run', ...flags])).code).toBe(3);
      return JSON.parse((await cli.run(['status', '--json'])).stdout).lastStop;
    };
    expect(await stopped()).toMatchObject({ kind: 'safety' });
    await cli.run(['reset', '--all', '--yes']);
    expect((await cli.run(['status'])).stdout).not.toContain('ended early');
    expect(await stopped()).toMatchObject({ kind: 'safety' });
    await cli.run(['cancel', 'task-002']);
    expect((await cli.run(['status'])).stdout).not.toContain('ended early');
    expect(JSON.parse((await cli.run(['status', '--json'])).stdout)).not.toHaveProperty('lastStop');
  });

  test('leaves a task alone that is too dear, and does the others', async () => {
    const cli = await withTasks(1);
    await cli.run(['add', '-p', '5', 'x'.repeat(40_000)]);
    server().handle(dear);
    const flags = ['--no-verify', '--max-tokens', '4000', '--max-cost', '0.09'];
    const { code, stdout } = await cli.run(['run', ...flags], { env: env() });
    expect(code).toBe(3);
    const why = 'task-002 is left: a call for it may cost $0.16, more than the budget of $0.09';
    expect(stdout).toContain(`· task-002  released  ${why}\n`);
    expect(stdout).toContain(`Ended early (safety): ${why}\n`);
    expect(await cli.tasks()).toMatchObject([{ status: 'completed' }, { status: 'pending', attempts: 0 }]);
  });

  test('with nothing that calls Claude holds nothing, and says so', async () => {
    const cli = await withTasks(1);
    for (const flag of ['--max-cost', '--max-task-cost']) {
      const { code, stderr } = await cli.run(['run', '--exec', 'cat', flag, '1']);
      expect({ code, stderr }).toEqual({
        code: 0,
        stderr: `${flag} holds nothing here: with --exec and without --judge, orch makes no call that costs money, and what the command spends is not known\n`,
      });
    }
    const both = ['run', '--exec', 'cat', '--max-cost', '1', '--max-task-cost', '1'];
    expect((await cli.run(both)).stderr).toContain('--max-cost and --max-task-cost hold nothing here');
    server().handle(dear);
    expect((await cli.run([...both, '--judge'], { env: env() })).stderr).not.toContain('nothing here');
  });

  test('says in words what is spent', async () => {
    const cli = await withTasks(20);
    server().handle(dear);
    const flags = ['--no-verify', '--max-tokens', '4000', '--max-cost', '0.2'];
    const { code, stdout } = await cli.run(['run', '-j', '1', ...flags], { env: env() });
    expect(code).toBe(3);
    expect(stdout).toMatch(/^! \$0\.1[678]00 of \$0\.2000 is spent$/m);
    expect(stdout).toMatch(/^■ stopped by a safety check {2}the budget of \$0\.2 leaves no room/m);
  });

  test('is refused where one call may cost more, and names a --max-tokens that fits', async () => {
    const cli = await withTasks(1);
    const { code, stderr } = await cli.run(['run', '--max-cost', '0.05'], { env: env() });
    expect(code).toBe(2);
    const [, tokens = ''] =
      /^--max-cost \$0\.0500 is less than one call may cost \(\$0\.1039\); --max-tokens (\d+) would fit\n$/.exec(
        stderr,
      ) ?? [];
    server().handle(() => message({ text: 'x' }));
    // What is left of the cap would not be enough for a judge.
    const fits = await cli.run(['run', '--no-verify', '--max-cost', '0.05', '--max-tokens', tokens], {
      env: env(),
    });
    expect(fits.code).toBe(0);
    const less = await cli.run(['run', '--max-cost', '0.0001'], { env: env() });
    expect(less).toMatchObject({ code: 2, stderr: expect.stringContaining('give at least $0.1039') });
  });

  test('names one that really fits, where the first call takes all of the cap', async () => {
    const cli = await withTasks(1);
    const flags = ['run', '--no-verify', '--max-cost', '0.05'];
    const { stderr } = await cli.run(flags, { env: env() });
    const [, tokens = ''] = /--max-tokens (\d+) would fit/.exec(stderr) ?? [];
    expect((await cli.run([...flags, '--max-tokens', tokens], { env: env() })).code).toBe(0);
  });

  test('is refused where a price is not known, unless the config file has it', async () => {
    const cli = await withTasks(1);
    const flags = ['run', '--model', 'my-model', '--no-verify', '--max-cost', '1'];
    const { code, stderr } = await cli.run(flags, { env: env() });
    expect(code).toBe(2);
    expect(stderr).toBe(
      'The price of my-model is not known, so that --max-cost cannot hold; give it under "prices" in the config file, or leave --max-cost out\n',
    );
    expect(server().requests).toEqual([]);
    cli.write('orch.config.json', '{ "prices": { "my-model": { "input": 1, "output": 2 } } }');
    server().handle(() =>
      message({ text: 'x', model: 'my-model', usage: { input_tokens: 0, output_tokens: 1000 } }),
    );
    expect((await cli.run(flags, { env: env() })).code).toBe(0);
    expect(await cli.tasks()).toMatchObject([{ usage: { costUsd: 0.002 } }]);
  });

  test("counts the judge's calls by the config file's prices too", async () => {
    const cli = await withTasks(1);
    const prices = { 'my-judge': { input: 1, output: 2 } };
    cli.write('orch.config.json', JSON.stringify({ prices }));
    const usage = { input_tokens: 0, output_tokens: 1_000 };
    const said = { passed: true, confidence: 1, feedback: '', issues: [] };
    server().handle(() => message({ text: JSON.stringify(said), model: 'my-judge', usage }));
    const flags = ['--exec', 'cat', '--judge', '--verifier-model', 'my-judge', '--max-cost', '1'];
    expect((await cli.run(['run', ...flags], { env: env() })).code).toBe(0);
    expect(await cli.tasks()).toMatchObject([{ usage: { costUsd: 0.002 } }]);
  });

  test.each(['0', '-1', 'much', '1e3', 'Infinity', '$'])('%s is none', async (text) => {
    const { code, stderr } = await new Cli().run(['run', `--max-cost=${text}`]);
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('US dollars above 0'),
    });
  });
});

test('--max-task-cost fails a task that would cost more, and goes on with the others', async () => {
  const cli = await withTasks(2);
  server().handle(({ isJudge, prompt }) => {
    if (!isJudge) return dear();
    const passed = prompt.includes('task 1');
    const said = { passed, confidence: 1, feedback: 'again', issues: passed ? [] : ['wrong'] };
    // A cent.
    return message({ text: JSON.stringify(said), usage: { input_tokens: 0, output_tokens: 1_000 } });
  });
  const flags = ['--max-tokens', '4000', '--max-task-cost', '0.088', '--max-attempts', '9'];
  const { code } = await cli.run(['run', ...flags], { env: env() });
  expect(code).toBe(1);
  expect(await cli.tasks()).toMatchObject([
    {
      status: 'failed',
      attempts: 2,
      error: {
        kind: 'permanent',
        message: expect.stringContaining('more than the $0.088 that a task may cost'),
      },
    },
    { status: 'completed' },
  ]);
});

test.each([
  ['{ "prices": { "m": 1 } }', 'an object with `input` and `output`'],
  ['{ "prices": { "m": { "input": 1 } } }', 'an object with `input` and `output`'],
  ['{ "prices": { "m": { "input": 1, "output": "2" } } }', 'US dollars for a million tokens'],
  ['{ "prices": { "m": { "input": 1, "output": 2, "outptu": 2 } } }', 'unknown key outptu'],
])('prices such as %s are refused', async (config, message) => {
  const cli = await withTasks(1);
  cli.write('orch.config.json', config);
  expect(await cli.run(['status'])).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
});

describe('what has to be affordable', () => {
  test('is nothing without a cap, and nothing that costs nothing', () => {
    requireAffordable({ model: 'unknown' }, LIST);
    requireAffordable({ exec: 'cat', maxCost: 0.01 }, LIST);
  });

  test('is every model that may be escalated to', () => {
    const settings = { escalate: ['claude-haiku-5-5', 'claude-fable-5-1'], noVerify: true };
    requireAffordable({ ...settings, maxCost: 0.5 }, LIST);
    expect(() => requireAffordable({ ...settings, maxCost: 0.4 }, LIST)).toThrow(
      'one call may cost ($0.4918)',
    );
    expect(() => requireAffordable({ ...settings, escalate: ['dear'], maxCost: 5 }, LIST)).toThrow(
      'The price of dear is not known',
    );
  });

  test('is the judge too', () => {
    expect(() => requireAffordable({ exec: 'cat', judge: true, maxCost: 0.01 }, LIST)).toThrow('may cost');
    expect(() => requireAffordable({ verifierModel: 'dear', maxTaskCost: 5 }, new PriceTable())).toThrow(
      'The price of dear is not known, so that --max-task-cost cannot hold',
    );
  });
});

describe('run --dry-run', () => {
  const dryRun = (cli: Cli, ...flags: string[]) => cli.run(['run', '--dry-run', ...flags]);

  test('reckons what a run may cost, by the length of the prompts where there is no key', async () => {
    const cli = await withTasks(3);
    const { stderr } = await dryRun(cli);
    expect(stderr).toMatch(
      /^3 tasks would run; nothing was changed\n6 calls to Claude with some [\d,]+ tokens in, if each task needs one attempt; at most \$\d\.\d\d, if all attempts are needed and all answers are as long as they may be\n$/,
    );
    const most = async (...flags: string[]): Promise<number> => {
      const { stdout } = await dryRun(cli, '--json', ...flags);
      const { forecast } = jsonLines(stdout).at(-1) as { forecast: { mostUsd: number } };
      return forecast.mostUsd;
    };
    const all = await most();
    // A retry has the rejected result in its prompt.
    expect(await most('--max-attempts', '1')).toBeLessThan(all / 3);
    expect(await most('--no-retry')).toBe(await most('--max-attempts', '1'));
    expect(await most('--escalate', 'claude-fable-5-1')).toBeGreaterThan(2 * all);
    expect(await most('--no-verify')).toBeLessThan(all / 2);
    expect((await dryRun(cli, '--model', 'new')).stderr).toContain('a price is missing');
    expect((await dryRun(cli, '--exec', 'cat')).stderr).toBe('3 tasks would run; nothing was changed\n');
  });

  test('counts tokens where there is a key, and goes by the answers so far', async () => {
    const cli = await withTasks(2);
    server().handle(() => message({ text: 'x', usage: { input_tokens: 0, output_tokens: 1_000 } }));
    await cli.run(['run', '--no-verify', '--limit', '1'], { env: env() });
    server().handleCounts(() => tokenCount(500));
    const { stdout } = await cli.run(['run', '--dry-run', '--json', '--no-verify'], { env: env() });
    const likelyUsd = (500 * 2 + 1_000 * 10) / 1e6;
    expect(jsonLines(stdout).at(-1)).toEqual({
      forecast: { calls: 1, inputTokens: 500, likelyUsd, mostUsd: expect.any(Number) },
    });
    expect(server().counted).toHaveLength(1);
    expect(server().counted[0]?.body).not.toHaveProperty('max_tokens');
    const said = await cli.run(['run', '--dry-run', '--no-verify'], { env: env() });
    expect(said.stderr).toContain('and answers as long as those so far: about $0.0110, if each');
  });

  test('does not take an answer that was lost for a short one', async () => {
    const cli = new Cli();
    const attempt = (number: number, outputTokens: number) => ({
      number,
      run: 'r',
      startedAt: '2026-01-01T00:00:00Z',
      outcome: 'interrupted',
      usage: { inputTokens: 0, outputTokens, costUsd: 0 },
    });
    cli.write(
      'tasks.json',
      JSON.stringify({ tasks: [{ id: 'a', description: 'a', history: [attempt(1, 1_000), attempt(1, 0)] }] }),
    );
    const { stdout } = await dryRun(cli, '--json', '--no-verify');
    const { forecast } = jsonLines(stdout).at(-1) as { forecast: { inputTokens: number; likelyUsd: number } };
    expect(forecast.likelyUsd).toBeCloseTo((forecast.inputTokens * 2 + 1_000 * 10) / 1e6, 10);
  });

  test('reckons by length where the API does not count', async () => {
    const cli = await withTasks(30);
    server().handleCounts(() => unauthorized());
    const { code, stderr } = await cli.run(['run', '--dry-run'], { env: env() });
    expect(code).toBe(0);
    expect(stderr).toContain('60 calls to Claude');
    expect(server().counted).toHaveLength(1);
  });
});
