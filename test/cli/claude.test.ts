import { mkdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  badRequest,
  message,
  spendCap,
  unauthorized,
  unknownModel,
  verdict,
} from '../support/claude-replies.ts';
import { TEST_KEY, useFaultServer } from '../support/claude-setup.ts';
import { cutStream } from '../support/claude-streams.ts';
import { Cli, jsonLines } from '../support/cli.ts';
import { readFenced } from '../support/fenced.ts';

const server = useFaultServer();
const env = (): Record<string, string> => ({ ANTHROPIC_BASE_URL: server().url, ANTHROPIC_API_KEY: TEST_KEY });

async function withTasks(...descriptions: string[]): Promise<Cli> {
  const cli = new Cli();
  await cli.add(...descriptions);
  return cli;
}

describe('run with Claude', () => {
  test('does a task, has it judged, and keeps what it cost', async () => {
    const cli = await withTasks('say hello');
    server().handle(({ isJudge }) => (isJudge ? verdict({ passed: true }) : message({ text: 'hello' })));
    const { stdout, stderr, code } = await cli.run(['run'], { env: env() });
    expect([code, stderr]).toEqual([0, 'Claude: credentials from ANTHROPIC_API_KEY\n']);
    expect(stdout).toContain('✓ task-001  completed');
    expect(await cli.tasks()).toMatchObject([
      // 10 tokens in and 5 out for each of the two calls, at 2 and 10 dollars a million.
      { result: 'hello', verified: true, usage: { inputTokens: 20, outputTokens: 10, costUsd: 0.00014 } },
    ]);
    expect((await cli.here(['status'])).stdout).toContain('$0.0001');
  });

  test('an answer that was cut and paid says who gave it, though the attempt does not count', async () => {
    const cli = await withTasks('say much');
    server().next(cutStream(), spendCap());
    const flags = ['run', '--no-verify', '--max-tokens', '30000'];
    expect((await cli.here(flags, { env: env() })).code).toBe(75);
    expect(await cli.tasks()).toMatchObject([
      {
        status: 'pending',
        attempts: 0,
        history: [
          {
            outcome: 'interrupted',
            usage: { inputTokens: 10, costUsd: 0.00003 },
            metadata: { model: 'claude-sonnet-5-5', prompt: expect.stringMatching(/^[0-9a-f]{12}$/) },
          },
        ],
      },
    ]);
    expect((await cli.here(['show', 'task-001'])).stdout).toMatch(
      /^ {2}claude-sonnet-5-5 did it in .*\n {2}It used 10 tokens/m,
    );
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
      '--effort',
      'max',
    ];
    await cli.here(['run', ...flags], { env: env() });
    const [work, judgement] = server().requests.map(({ body }) => body);
    expect(work).toMatchObject({
      model: 'claude-opus-5-5',
      max_tokens: 999,
      output_config: { effort: 'max' },
    });
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
    expect((await cli.here(['run'], { env: env() })).code).toBe(1);
    const { stdout } = await cli.here(['show', 'task-001', '--result', '--any']);
    expect(stdout).toBe('hello');
    expect((await cli.here(['show', 'task-001'])).stdout).toMatch(/Attempt 2 was rejected \(the best one\)/);
    expect((await cli.here(['show', 'task-001', '--result'])).stdout).toBe('');
    const [task] = await cli.tasks();
    expect(task).toMatchObject({ status: 'failed', best: 2 });
    expect(task).not.toHaveProperty('result');
  });

  test('--escalate moves up a model with each rejection, through a stop too; the history tells model and cost of each', async () => {
    const cli = await withTasks('say hello');
    const models = ['claude-haiku-5-5', 'claude-sonnet-5-5', 'claude-opus-5-5'];
    const flags = ['--model', models[0]!, '--escalate', models.slice(1).join(), '--max-attempts', '4'];
    server().handle(({ isJudge, number }) =>
      isJudge ? verdict({ passed: number === 8 }) : message({ text: `try ${number}` }),
    );
    // The first run ends after an attempt, by its limit; the second one goes on with what it left.
    expect((await cli.here(['run', ...flags, '--max-iterations', '1'], { env: env() })).code).toBe(3);
    expect((await cli.here(['run', ...flags], { env: env() })).code).toBe(0);
    const asked = server().requests.flatMap(({ isJudge, body }) => (isJudge ? [] : [body.model]));
    expect(asked).toEqual([...models, models[2]]);
    const [task] = await cli.tasks();
    const history = task?.history as { metadata: unknown; judge: unknown; usage: { costUsd: number } }[];
    expect(history).toMatchObject(
      asked.map((model) => ({
        metadata: { model, prompt: expect.stringMatching(/^[0-9a-f]{12}$/) },
        judge: { model: 'claude-sonnet-5-5', prompt: expect.stringMatching(/^[0-9a-f]{12}$/) },
      })),
    );
    // 10 tokens in and 5 out of the model, beside the judge's $0.00007: at 0.10 and 0.50, 2 and 10, 4 and 20 dollars a million.
    const costs = history.map(({ usage }) => usage.costUsd);
    expect(costs.map((cost) => cost.toFixed(7))).toEqual([
      '0.0000735',
      '0.0001400',
      '0.0002100',
      '0.0002100',
    ]);
    expect((await cli.here(['show', 'task-001'])).stdout).toMatch(
      /claude-haiku-5-5 did it in .*\n {2}It used 20 tokens in, 10 out, \$0\.0001\.\n {2}The judge \(claude-sonnet-5-5\) rejected it/,
    );
  });

  test('prompts come from files; in a config file they are taken from where it is', async () => {
    const cli = await withTasks('say hello');
    cli.write('mine.txt', '\ufeffBe brief. Grüße!\n');
    cli.write('again.txt', 'Better!\n\n');
    mkdirSync(cli.path('sub'));
    cli.write('sub/judge.txt', 'Judge gently.');
    cli.write('sub/orch.json', '{ "store": "../tasks.json", "run": { "judgeSystem": "judge.txt" } }');
    server().handle(({ isJudge, number }) =>
      isJudge ? verdict({ passed: number > 2 }) : message({ text: `try ${number}` }),
    );
    const flags = ['--config', 'sub/orch.json', '--system', 'mine.txt', '--retry-prompt', 'again.txt'];
    expect((await cli.here(['run', ...flags], { env: env() })).code).toBe(0);
    const [work, judgement, retry] = server().requests;
    expect(work?.body.system).toBe('Be brief. Grüße!');
    expect(judgement?.body.system).toMatch(/^Judge gently\.\n\nThe message holds/);
    expect(retry?.prompt.endsWith('\n\nBetter!')).toBe(true);
  });

  test.each([
    ['that is not there', undefined, 'There is no file prompt.txt; check the path'],
    ['that is empty', ' \n', 'The prompt file prompt.txt is empty; write the prompt into it'],
    [
      'that is no UTF-8',
      Buffer.from([0x61, 0x0a, 0xff]),
      'prompt.txt, line 2: this is not UTF-8; convert the file first',
    ],
  ])('a prompt file %s is a usage error in one sentence, before anything is asked', async (_, text, said) => {
    for (const flag of ['--system', '--retry-prompt', '--judge-system']) {
      const cli = await withTasks('say hello');
      if (text !== undefined) cli.write('prompt.txt', text);
      const { stdout, stderr, code } = await cli.here(['run', flag, 'prompt.txt'], { env: env() });
      expect({ stdout, stderr, code }).toEqual({ stdout: '', stderr: `${said}\n`, code: 2 });
    }
    expect(server().requests).toEqual([]);
  });

  test('--verifier-effort is for the judge alone', async () => {
    const cli = await withTasks('say hello');
    await cli.here(['run', '--verifier-effort', 'high'], { env: env() });
    const [work, judgement] = server().requests.map(({ body }) => body);
    expect(work).not.toHaveProperty('output_config');
    expect(judgement).toMatchObject({ output_config: { effort: 'high' } });
  });

  test('a description of 5 MB arrives whole, at the executor and at the judge', async () => {
    const cli = new Cli();
    const long = `${'All work and no play makes a dull day. '.repeat(131_072)}Grüße \u{1f600}`;
    cli.write('long.txt', long);
    await cli.here(['add', '--description-file', 'long.txt']);
    const { code } = await cli.here(['run'], { env: env() });
    expect(code).toBe(0);
    const [work, judgement] = server().requests.map(({ prompt }) => prompt);
    expect(work === long).toBe(true);
    expect(readFenced(judgement ?? '').inside.task === long).toBe(true);
    expect((await cli.tasks()).map(({ status }) => status)).toEqual(['completed']);
  });

  test('an answer that may be long is streamed', async () => {
    const cli = await withTasks('say much');
    server().handle(({ isJudge }) => (isJudge ? verdict({ passed: true }) : message({ text: 'much' })));
    expect((await cli.here(['run', '--max-tokens', '64000'], { env: env() })).code).toBe(0);
    expect(server().requests.map(({ body }) => body.stream)).toEqual([true, undefined]);
    expect(await cli.tasks()).toMatchObject([{ result: 'much', usage: { outputTokens: 10 } }]);
    expect(server().violations).toEqual([]);
  });

  test('--no-verify asks no judge, and the task says so', async () => {
    const cli = await withTasks('say hello');
    await cli.here(['run', '--no-verify'], { env: env() });
    expect(server().requests).toHaveLength(1);
    expect(await cli.tasks()).toMatchObject([{ status: 'completed', verified: false }]);
  });

  test('who could not tell is kept, and shown, as who judged', async () => {
    const cli = await withTasks('say hello');
    server().handle(({ isJudge }) => message({ text: isJudge ? 'It passed.' : 'hello' }));
    expect((await cli.here(['run'], { env: env() })).code).toBe(1);
    const judge = { model: 'claude-sonnet-5-5', prompt: expect.stringMatching(/^[0-9a-f]{12}$/) };
    expect(await cli.tasks()).toMatchObject([
      { error: { kind: 'unverifiable' }, history: [{ output: 'hello', judge }] },
    ]);
    expect((await cli.here(['show', 'task-001'])).stdout).toContain(
      'The judge (claude-sonnet-5-5) could not tell',
    );
  });

  test('--judge lets Claude judge what a command gave', async () => {
    const cli = await withTasks('say hello');
    server().handle(() => verdict({ passed: false, feedback: 'too loud' }));
    const { stdout, code } = await cli.here(['run', '--exec', 'tr a-z A-Z', '--judge'], { env: env() });
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
    const { stdout, code } = await cli.here(['run', '-j', '1', '--json'], { env: env() });
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
    const { stdout, code } = await cli.here(['run', '-j', '1', '--json'], { env: env() });
    expect(code).toBe(75);
    const end = jsonLines(stdout).at(-1) as { stats: { stopReason: { kind: string; resumeAt: string } } };
    expect(end.stats.stopReason.kind).toBe('unavailable');
    expect(end.stats.stopReason.resumeAt).toMatch(/^\d{4}-\d{2}-01T00:00:00\.000Z$/);
    expect((await cli.tasks()).map(({ status, attempts }) => [status, attempts])).toEqual([
      ['pending', 0],
      ['pending', 0],
    ]);
    const text = await cli.here(['run'], { env: env() });
    expect(text.code).toBe(75);
    expect(text.stdout).toMatch(/spend limit/);
  });

  test.each(['', 'workspace '])(
    'a %sspend limit of our own ends the run with 75, to the minute that the API names',
    async (whose) => {
      const cli = await withTasks('one');
      const text = `You have reached your specified ${whose}API usage limits. You will regain access on 2040-12-01 at 06:30 UTC.`;
      server().handle(() => badRequest(text));
      const { stdout, code } = await cli.here(['run', '--json'], { env: env() });
      expect(code).toBe(75);
      const stopReason = { kind: 'unavailable', resumeAt: '2040-12-01T06:30:00.000Z' };
      expect(jsonLines(stdout).at(-1)).toMatchObject({ stats: { stopReason } });
      expect(await cli.tasks()).toMatchObject([{ status: 'pending', attempts: 0 }]);
    },
  );

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
    const { stdout, stderr, code } = await cli.run(['run', '--sample'], {
      env: { ...env(), TMPDIR: cli.dir },
    });
    expect(code).toBe(0);
    expect(stdout).toContain('Done by Claude\n');
    expect(stderr).toContain('Claude: credentials from ANTHROPIC_API_KEY\n');
    expect(stdout).toContain('3 completed, 0 failed');
    expect(server().requests.map(({ prompt }) => prompt)).toContain('Write a haiku about orchestration');
    expect(stdout).not.toContain(TEST_KEY);
  });
});
