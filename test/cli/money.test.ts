import { describe, expect, test } from 'vitest';
import { LIST, PriceTable } from '../../src/claude/prices.ts';
import { requireAffordable } from '../../src/cli/run/affordable.ts';
import type { RunSettings } from '../../src/cli/run-options.ts';
import { MemoryTaskStore } from '../../src/stores/memory/memory-task-store.ts';
import { message, tokenCount, unauthorized, verdict } from '../support/claude-replies.ts';
import { TEST_KEY, useFaultServer } from '../support/claude-setup.ts';
import { Cli, jsonLines, resultOf, says } from '../support/cli.ts';
import type { Handler } from '../support/fault-server.ts';
import { claimOne, done, runInfo } from '../support/store-parts.ts';

const server = useFaultServer();
const env = (): Record<string, string> => ({ ANTHROPIC_BASE_URL: server().url, ANTHROPIC_API_KEY: TEST_KEY });

async function withTasks(count: number): Promise<Cli> {
  const cli = new Cli();
  await cli.add(...Array.from({ length: count }, (_, i) => `task ${i}`));
  return cli;
}

const agreeable: Handler = ({ isJudge }) => (isJudge ? verdict({ passed: true }) : message());

/** Of Sonnet 5.5, 10 dollars a million: three cents each. */
const dear = () => message({ text: 'done', usage: { input_tokens: 0, output_tokens: 3_000 } });

describe('--max-cost', () => {
  test('stops the run before it is exceeded, warns before that, and leaves the rest pending', async () => {
    const cli = await withTasks(40);
    server().handle(dear);
    const flags = ['run', '-j', '8', '--no-verify', '--max-tokens', '4000', '--max-cost', '$0.50'];
    const { code, stdout } = await cli.here([...flags, '--json'], { env: env() });
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
    const { counts, pool } = JSON.parse((await cli.here(['status', '--json'])).stdout);
    expect(counts).toMatchObject({ completed: 16, pending: 24, in_progress: 0, failed: 0 });
    // The pool closed with the run.
    expect(pool).toBeUndefined();
  });

  test("holds for the judge's calls too, at any concurrency", async () => {
    const cli = await withTasks(20);
    const state = { billed: 0, judging: 0, peak: 0 };
    const release = Promise.withResolvers<void>();
    const passed = JSON.stringify({ passed: true, confidence: 1, feedback: '', issues: [] });
    server().handle(async ({ isJudge }) => {
      if (!isJudge) return message({ text: 'done', usage: { input_tokens: 0, output_tokens: 0 } });
      state.peak = Math.max(state.peak, ++state.judging);
      if (state.judging === 8) release.resolve();
      await release.promise;
      state.judging--;
      state.billed += (3_950 * 10) / 1e6;
      return message({ text: passed, usage: { input_tokens: 0, output_tokens: 3_950 } });
    });
    const models = ['--model', 'claude-haiku-5-5', '--verifier-model', 'claude-sonnet-5-5'];
    const flags = ['-j', '8', ...models, '--max-tokens', '4000', '--max-cost', '0.3', '--json'];
    const run = cli.start(['run', ...flags], { env: env() });
    const ended = resultOf(run);
    // Eight verdicts may cost 45 cents, so that some have to wait; else all eight are under way.
    await Promise.race([says(run, '"budget:wait"', 'stdout'), release.promise]);
    release.resolve();
    expect((await ended).code).toBe(3);
    expect(state.peak).toBeLessThan(8);
    expect(state.billed).toBeGreaterThan(0.2);
    expect(state.billed).toBeLessThanOrEqual(0.3);
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
    const json = JSON.parse((await cli.here(['status', '--json'])).stdout);
    expect(json.pool).toEqual({
      spentUsd: expect.closeTo(0.03),
      reservedUsd: expect.closeTo(0.0499, 3),
      capUsd: 0.09,
    });
    expect(json).not.toHaveProperty('lastStop');
    expect((await cli.here(['status'])).stdout).toMatch(
      /^These runs spent \$0\.0300 of \$0\.0900, \$0\.0499 set aside for calls under way$/m,
    );
    held.resolve();
    expect((await run).code).toBe(3);
    const after = JSON.parse((await cli.here(['status', '--json'])).stdout);
    const message = 'the budget of $0.09 leaves no room: $0.06 is spent, and another call may cost $0.0499';
    expect(after.lastStop).toEqual({
      kind: 'safety',
      message,
      run: expect.any(String),
      at: expect.any(String),
    });
    expect((await cli.here(['status'])).stdout).toContain(
      `The last run ended early (safety): ${message} (run-`,
    );
    expect((await cli.here(['run', '--exec', 'cat'])).code).toBe(0);
    expect(JSON.parse((await cli.here(['status', '--json'])).stdout)).not.toHaveProperty('lastStop');
  });

  test('is no news once everything is reset, or nothing is left to do', async () => {
    const cli = await withTasks(2);
    const stopped = async () => {
      const flags = ['-j', '1', '--exec', 'false', '--max-attempts', '1', '--max-failures', '1'];
      expect((await cli.here(['run', ...flags])).code).toBe(3);
      return JSON.parse((await cli.here(['status', '--json'])).stdout).lastStop;
    };
    expect(await stopped()).toMatchObject({ kind: 'safety' });
    await cli.here(['reset', '--all', '--yes']);
    expect((await cli.here(['status'])).stdout).not.toContain('ended early');
    expect(await stopped()).toMatchObject({ kind: 'safety' });
    await cli.here(['cancel', 'task-002']);
    expect((await cli.here(['status'])).stdout).not.toContain('ended early');
    expect(JSON.parse((await cli.here(['status', '--json'])).stdout)).not.toHaveProperty('lastStop');
  });

  test('leaves a task alone that is too dear, and does the others', async () => {
    const cli = await withTasks(1);
    await cli.here(['add', '-p', '5', 'x'.repeat(40_000)]);
    server().handle(dear);
    const flags = ['--no-verify', '--max-tokens', '4000', '--max-cost', '0.09'];
    const { code, stdout } = await cli.here(['run', ...flags], { env: env() });
    expect(code).toBe(3);
    const why = 'task-002 is left: a call for it may cost $0.16, more than the budget of $0.09';
    expect(stdout).toContain(`· task-002  released  ${why}\n`);
    expect(stdout).toContain(`Ended early (safety): ${why}\n`);
    expect(await cli.tasks()).toMatchObject([{ status: 'completed' }, { status: 'pending', attempts: 0 }]);
  });

  test('with nothing that calls Claude holds nothing, and says so', async () => {
    const cli = await withTasks(1);
    for (const flag of ['--max-cost', '--max-task-cost']) {
      const { code, stderr } = await cli.here(['run', '--exec', 'cat', flag, '1']);
      expect({ code, stderr }).toEqual({
        code: 0,
        stderr: `${flag} holds nothing here: with --exec and without --judge, orch makes no call that costs money, and what the command spends is not known\n`,
      });
    }
    const both = ['run', '--exec', 'cat', '--max-cost', '1', '--max-task-cost', '1'];
    expect((await cli.here(both)).stderr).toContain('--max-cost and --max-task-cost hold nothing here');
    server().handle(dear);
    expect((await cli.here([...both, '--judge'], { env: env() })).stderr).not.toContain('nothing here');
  });

  test('says in words what is spent', async () => {
    const cli = await withTasks(20);
    server().handle(dear);
    const flags = ['--no-verify', '--max-tokens', '4000', '--max-cost', '0.2'];
    const { code, stdout } = await cli.here(['run', '-j', '1', ...flags], { env: env() });
    expect(code).toBe(3);
    expect(stdout).toMatch(/^! \$0\.1[678]00 of \$0\.2000 is spent$/m);
    expect(stdout).toMatch(/^■ stopped by a safety check {2}the budget of \$0\.2 leaves no room/m);
  });

  test('is refused where one call may cost more, and names a --max-tokens that fits', async () => {
    const cli = await withTasks(1);
    const { code, stderr } = await cli.here(['run', '--max-cost', '0.05'], { env: env() });
    expect(code).toBe(2);
    const [, tokens = ''] =
      /^--max-cost \$0\.0500 is less than one call may cost \(\$0\.10\d\d\); --max-tokens (\d+) would fit\n$/.exec(
        stderr,
      ) ?? [];
    server().handle(() => message({ text: 'x' }));
    // What is left of the cap would not be enough for a judge.
    const fits = await cli.here(['run', '--no-verify', '--max-cost', '0.05', '--max-tokens', tokens], {
      env: env(),
    });
    expect(fits.code).toBe(0);
    const less = await cli.here(['run', '--max-cost', '0.0001'], { env: env() });
    const [, least = ''] = /give at least \$(0\.10\d\d)\n$/.exec(less.stderr) ?? [];
    expect(less.code).toBe(2);
    server().handle(agreeable);
    expect((await cli.here(['run', '--max-cost', least], { env: env() })).code).toBe(0);
  });

  test('names one that leaves room for the verdict on a result as long as it may be', async () => {
    const cli = await withTasks(1);
    const flags = ['run', '--max-cost', '0.05'];
    const { stderr } = await cli.here(flags, { env: env() });
    const [, tokens = ''] = /--max-tokens (\d+) would fit/.exec(stderr) ?? [];
    const nothing = { input_tokens: 0, output_tokens: 0 };
    server().handle(({ isJudge }) => {
      if (isJudge) return verdict({ passed: true });
      return message({ text: 'x'.repeat(4 * Number(tokens)), usage: nothing });
    });
    expect((await cli.here([...flags, '--max-tokens', tokens], { env: env() })).code).toBe(0);
  });

  test.each([
    ['--system', ['--no-verify', '--max-tokens', '1000']],
    ['--judge-system', ['--exec', 'cat', '--judge']],
  ])('is refused where %s alone makes a call dearer than it', async (flag, more) => {
    const cli = await withTasks(1);
    cli.write('long.txt', 'x'.repeat(200_000));
    const flags = ['run', ...more, flag, 'long.txt', '--max-cost'];
    const { code, stderr } = await cli.here([...flags, '0.3'], { env: env() });
    expect(code).toBe(2);
    const [, least = ''] =
      /^--max-cost \$0\.3000 is less than one call may cost \(\$(0\.\d+)\); give at least \$\1\n$/.exec(
        stderr,
      ) ?? [];
    expect([server().requests, server().lookUps]).toEqual([[], []]);
    expect(await cli.tasks()).toMatchObject([{ status: 'pending', attempts: 0 }]);
    // A little for the result, which nobody knows before.
    const enough = (Number(least) + 0.001).toFixed(4);
    expect((await cli.here([...flags, enough], { env: env() })).code).toBe(0);
  });

  test('is held against a prompt from a pipe, which gives its text only once', async () => {
    const cli = await withTasks(1);
    const script = "mkfifo pipe; printf 'Be brief.' > pipe & orch run --no-verify --system pipe --max-cost 1";
    expect((await cli.sh(script, { env: env() })).code).toBe(0);
    expect(server().requests[0]?.body.system).toBe('Be brief.');
  });

  test('names one that really fits, where the first call takes all of the cap', async () => {
    const cli = await withTasks(1);
    const flags = ['run', '--no-verify', '--max-cost', '0.05'];
    const { stderr } = await cli.here(flags, { env: env() });
    const [, tokens = ''] = /--max-tokens (\d+) would fit/.exec(stderr) ?? [];
    expect((await cli.here([...flags, '--max-tokens', tokens], { env: env() })).code).toBe(0);
  });

  test('is refused where a price is not known, unless the config file has it', async () => {
    const cli = await withTasks(1);
    const flags = ['run', '--model', 'my-model', '--no-verify', '--max-cost', '1'];
    const { code, stderr } = await cli.here(flags, { env: env() });
    expect(code).toBe(2);
    expect(stderr).toBe(
      'The price of my-model is not known, so that --max-cost cannot hold; give it under "prices" in the config file, or leave --max-cost out\n',
    );
    expect(server().requests).toEqual([]);
    cli.write('orch.config.json', '{ "prices": { "my-model": { "input": 1, "output": 2 } } }');
    server().handle(() =>
      message({ text: 'x', model: 'my-model', usage: { input_tokens: 0, output_tokens: 1000 } }),
    );
    expect((await cli.here(flags, { env: env() })).code).toBe(0);
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
    expect((await cli.here(['run', ...flags], { env: env() })).code).toBe(0);
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
  const { code } = await cli.here(['run', ...flags], { env: env() });
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

test('a task that has used four fifths of --max-task-cost says so', async () => {
  const cli = await withTasks(1);
  server().handle(() => message({ text: 'x', usage: { input_tokens: 2_000, output_tokens: 4_000 } }));
  const flags = ['run', '--no-verify', '--max-tokens', '4000', '--max-task-cost', '0.052'];
  const { code, stdout } = await cli.here(flags, { env: env() });
  expect(code).toBe(0);
  expect(stdout.match(/^! .*$/gm)).toEqual(['! task-001  has cost $0.0440 of the $0.0520 that it may']);
});

test.each([
  ['{ "prices": { "m": 1 } }', 'an object with `input` and `output`'],
  ['{ "prices": { "m": { "input": 1 } } }', 'an object with `input` and `output`'],
  ['{ "prices": { "m": { "input": 1, "output": "2" } } }', 'US dollars for a million tokens'],
  ['{ "prices": { "m": { "input": 1, "output": 2, "outptu": 2 } } }', 'unknown key outptu'],
])('prices such as %s are refused', async (config, message) => {
  const cli = await withTasks(1);
  cli.write('orch.config.json', config);
  expect(await cli.here(['status'])).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
});

describe('what has to be affordable', () => {
  const affordable = async (settings: RunSettings, prices = LIST, descriptions: string[] = []) => {
    const store = new MemoryTaskStore();
    await store.add(descriptions.map((description) => ({ description })));
    return requireAffordable(settings, {}, prices, store);
  };

  test('is nothing without a cap, and nothing that costs nothing', async () => {
    await affordable({ model: 'unknown' });
    await affordable({ exec: 'cat', maxCost: 0.01 });
  });

  test('is every model that may be escalated to', async () => {
    const settings = { escalate: ['claude-haiku-5-5', 'claude-fable-5-1'], noVerify: true };
    await affordable({ ...settings, maxCost: 0.5 });
    await expect(affordable({ ...settings, maxCost: 0.4 })).rejects.toThrow(
      /one call may cost \(\$0\.48\d\d\)/,
    );
    await expect(affordable({ ...settings, escalate: ['dear'], maxCost: 5 })).rejects.toThrow(
      'The price of dear is not known',
    );
  });

  test('is the judge too', async () => {
    await expect(affordable({ maxCost: 0.05 })).rejects.toThrow(/--max-tokens \d+ would fit/);
    // With a command nobody can say how long answers may be.
    await expect(affordable({ exec: 'cat', judge: true, maxCost: 0.05 })).rejects.toThrow('give at least');
    await expect(affordable({ verifierModel: 'dear', maxTaskCost: 5 }, new PriceTable())).rejects.toThrow(
      'The price of dear is not known, so that --max-task-cost cannot hold',
    );
  });

  test.each([{ noVerify: true }, { exec: 'cat', judge: true }])(
    'is the smallest task that is left, for %j',
    async (settings) => {
      const cap = { ...settings, maxCost: 0.3 };
      const [small, large] = ['x', 'x'.repeat(200_000)];
      await affordable(cap, LIST, [large, small, large]);
      await expect(affordable(cap, LIST, [large])).rejects.toThrow('--max-cost $0.3000 is less than');
      // A smaller one may still come.
      await affordable({ ...cap, stay: true }, LIST, [large]);
    },
  );

  test('is no task that is done', async () => {
    const store = new MemoryTaskStore();
    await store.join(runInfo('r'));
    await store.add([{ description: 'x' }]);
    await store.settle((await claimOne(store, 'r')).lease, done('y'));
    await store.add([{ description: 'x'.repeat(200_000) }]);
    const cap = { noVerify: true, maxTokens: 1_000, maxCost: 0.3 };
    await expect(requireAffordable(cap, {}, LIST, store)).rejects.toThrow('is less than');
  });
});

describe('run --dry-run', () => {
  const dryRun = (cli: Cli, ...flags: string[]) => cli.here(['run', '--dry-run', ...flags]);

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
    await cli.here(['run', '--no-verify', '--limit', '1'], { env: env() });
    server().handleCounts(() => tokenCount(500));
    const { stdout } = await cli.here(['run', '--dry-run', '--json', '--no-verify'], { env: env() });
    const likelyUsd = (500 * 2 + 1_000 * 10) / 1e6;
    expect(jsonLines(stdout).at(-1)).toEqual({
      schemaVersion: 1,
      forecast: { calls: 1, inputTokens: 500, likelyUsd, mostUsd: expect.any(Number) },
    });
    expect(server().counted).toHaveLength(1);
    expect(server().counted[0]?.body).not.toHaveProperty('max_tokens');
    const said = await cli.here(['run', '--dry-run', '--no-verify'], { env: env() });
    expect(said.stderr).toContain('and answers as long as those so far: about $0.0110, if each');
  });

  test("counts the judge's prompt without a result, adds an answer as they were so far, and reckons each role by its own", async () => {
    const cli = new Cli();
    const history = [
      {
        number: 1,
        run: 'r',
        startedAt: '2026-01-01T00:00:00Z',
        outcome: 'interrupted',
        usage: { inputTokens: 0, outputTokens: 2_000 },
      },
    ];
    const tasks = Array.from({ length: 30 }, (_, i) => ({ id: `task-${i + 10}`, description: 'Say it.' }));
    cli.write('tasks.json', JSON.stringify({ tasks: [{ ...tasks[0], history }, ...tasks.slice(1)] }));
    server().handleCounts(({ isJudge }) => tokenCount(isJudge ? 700 : 50));
    const { stdout } = await cli.here(['run', '--dry-run', '--json'], { env: env() });
    // Half of what an attempt and its verdict gave.
    const answer = 1_000;
    const perTask = (50 + 700 + answer) * 2 + 2 * answer * 10;
    expect(jsonLines(stdout).at(-1)).toEqual({
      schemaVersion: 1,
      forecast: {
        calls: 60,
        inputTokens: 30 * (50 + 700 + answer),
        likelyUsd: expect.closeTo((30 * perTask) / 1e6, 10),
        mostUsd: expect.any(Number),
      },
    });
    expect(server().counted).toHaveLength(20);
    for (const { isJudge, prompt } of server().counted) {
      if (isJudge) expect(prompt).toMatch(/<result-\w+>\n\n<\/result-/);
    }
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
    const { code, stderr } = await cli.here(['run', '--dry-run'], { env: env() });
    expect(code).toBe(0);
    expect(stderr).toContain('60 calls to Claude');
    expect(server().counted).toHaveLength(1);
  });
});
