import { describe, expect, test } from 'vitest';
import {
  apiError,
  htmlPage,
  internalError,
  modelInfo,
  noSuchModel,
  type Reply,
  tokenCount,
  unauthorized,
} from '../support/claude-replies.ts';
import { TEST_KEY, useFaultServer } from '../support/claude-setup.ts';
import { Cli } from '../support/cli.ts';

const server = useFaultServer();
const env = (): Record<string, string> => ({ ANTHROPIC_BASE_URL: server().url, ANTHROPIC_API_KEY: TEST_KEY });

async function withTask(): Promise<Cli> {
  const cli = new Cli();
  await cli.add('say hello');
  return cli;
}

/** These models get that reply, all others are there. */
function reply(replies: Record<string, Reply>): void {
  server().handleModels((model) => replies[model] ?? modelInfo(model));
}

const CREDENTIALS = 'Claude: credentials from ANTHROPIC_API_KEY\n';

describe('before the first task', () => {
  test('each model that may be asked is looked up, once', async () => {
    const cli = await withTask();
    const flags = ['--model', 'a', '--escalate', 'b,a,c', '--verifier-model', 'c'];
    expect(await cli.here(['run', ...flags], { env: env() })).toMatchObject({ code: 0, stderr: CREDENTIALS });
    expect(server().lookUps.toSorted()).toEqual(['a', 'b', 'c']);
  });

  test.each([
    ['--model', 'm', ['--model', 'm']],
    ['--escalate', 'm', ['--escalate', 'n,m']],
    ['--verifier-model', 'm', ['--verifier-model', 'm']],
    ['--verifier-model', 'm', ['--exec', 'cat', '--judge', '--verifier-model', 'm']],
  ])(
    'a model of %s that the API does not know ends the run, and nothing is spent',
    async (option, model, flags) => {
      const cli = await withTask();
      reply({ [model]: noSuchModel(model) });
      const { stdout, stderr, code } = await cli.here(['run', ...flags], { env: env() });
      expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
      expect(stderr).toBe(
        `${CREDENTIALS}The API does not know the model m; correct ${option}, or leave out this check with --no-preflight\n`,
      );
      expect(server().requests).toEqual([]);
      expect(await cli.tasks()).toMatchObject([{ status: 'pending', attempts: 0, history: [] }]);
    },
  );

  test.each<[string, Reply]>([
    ['401', unauthorized()],
    ['403', apiError(403, 'permission_error', 'Not yours.')],
  ])('a key that is refused with %s ends the run', async (_, refused) => {
    const cli = await withTask();
    server().handleModels(() => refused);
    const { stdout, stderr, code } = await cli.here(['run', '--json'], { env: env() });
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(JSON.parse(stderr)).toMatchObject({
      error: {
        code: 'usage',
        message: expect.stringMatching(/^The models cannot be used: .*--no-preflight/),
      },
    });
    expect(stderr).not.toContain(TEST_KEY);
    expect(server().requests).toEqual([]);
  });

  test.each<[string, Record<string, unknown>, string[], string]>([
    [
      'is retired',
      { lifecycle: 'retired' },
      ['--model', 'm'],
      'The model m is retired; name another with --model\n',
    ],
    [
      'has shorter answers',
      { max_tokens: 8000 },
      ['--model', 'm'],
      'The model m answers with at most 8000 tokens; lower --max-tokens, which is 8192\n',
    ],
    [
      'cannot give verdicts',
      { capabilities: { structured_outputs: { supported: false } } },
      ['--verifier-model', 'm'],
      'The model m cannot be held to the form of a verdict; name another with --verifier-model\n',
    ],
  ])('a model that %s ends the run', async (_, parts, flags, said) => {
    const cli = await withTask();
    reply({ m: modelInfo('m', parts) });
    const { stderr, code } = await cli.here(['run', '-q', ...flags], { env: env() });
    expect({ stderr, code }).toEqual({ stderr: said, code: 2 });
    expect(server().requests).toEqual([]);
  });

  test.each([
    ['--model', ['--model', 'claude-haiku-4-5']],
    ['--escalate', ['--escalate', 'claude-opus-5-5,claude-haiku-4-5']],
  ])(
    'a model of %s that is known to have shorter answers ends the run, with --no-preflight too',
    async (_, flags) => {
      const cli = await withTask();
      const { stderr, code } = await cli.here(['run', '--no-preflight', '--max-tokens', '64001', ...flags], {
        env: env(),
      });
      expect({ stderr, code }).toEqual({
        stderr:
          'The model claude-haiku-4-5 answers with at most 64000 tokens; lower --max-tokens, which is 64001\n',
        code: 2,
      });
      expect(server().requests).toEqual([]);
    },
  );

  test('a credential that is a header is named by its header', async () => {
    const cli = await withTask();
    const headers = { ANTHROPIC_CUSTOM_HEADERS: 'X-Team: blue\nAuthorization: Bearer gateway-0000' };
    const { stderr, code } = await cli.here(['run'], {
      env: { ANTHROPIC_BASE_URL: server().url, ...headers },
    });
    const said = 'Claude: credentials from ANTHROPIC_CUSTOM_HEADERS (Authorization)\n';
    expect({ stderr, code }).toEqual({ stderr: said, code: 0 });
  });

  test('a model that will be retired is a warning', async () => {
    const cli = await withTask();
    reply({ m: modelInfo('m', { lifecycle: 'deprecated', retires_at: '2026-11-30T00:00:00Z' }) });
    const { stderr, code } = await cli.here(['run', '--verifier-model', 'm'], { env: env() });
    expect({ stderr, code }).toEqual({
      stderr: `${CREDENTIALS}The model m (--verifier-model) will be retired on 2026-11-30; name a newer one\n`,
      code: 0,
    });
  });

  test('what a proxy says of a model steers no terminal, and limits nothing that it cannot', async () => {
    const cli = await withTask();
    const odd = { lifecycle: 'deprecated', retires_at: '\u001b[2Jnever', max_tokens: 0 };
    server().handleModels((model) => modelInfo(model, odd));
    const flags = ['--model', 'm\u001b[2J\u202e', '--verifier-model', 'm'];
    const { stderr, code } = await cli.here(['run', ...flags], { env: env() });
    const said = ['--model', '--verifier-model'].map(
      (option) => `The model m (${option}) will be retired; name a newer one\n`,
    );
    expect({ stderr, code }).toEqual({ stderr: CREDENTIALS + said.join(''), code: 0 });
  });

  test.each([
    ['--max-tokens', '0'],
    ['--max-tokens', '-5'],
    ['--max-tokens', '1.5'],
    ['--max-tokens', '128001'],
  ])('%s %s is refused before anything is looked up', async (flag, value) => {
    const cli = await withTask();
    const { stdout, stderr, code } = await cli.here(['run', flag, value], { env: env() });
    expect({ stdout, stderr, code }).toEqual({
      stdout: '',
      stderr: `Expected --max-tokens to be a whole number from 1 to 128000, got "${value}"\n`,
      code: 2,
    });
    expect([server().lookUps, server().requests]).toEqual([[], []]);
  });

  test('--max-tokens 0 of the environment is refused likewise', async () => {
    const cli = await withTask();
    const { stderr, code } = await cli.here(['run'], { env: { ...env(), ORCH_MAX_TOKENS: '0' } });
    expect({ stderr, code }).toEqual({
      stderr: 'Expected ORCH_MAX_TOKENS to be a whole number from 1 to 128000, got "0"\n',
      code: 2,
    });
  });

  test.each<[string, Reply]>([
    ['fails', internalError()],
    ["is a proxy's, which does not have it", htmlPage(404)],
    ["is a proxy's, which does not want it", apiError(401, 'auth_error', 'No such route.')],
  ])('a look-up that %s holds nothing up', async (_, lookedUp) => {
    const cli = await withTask();
    server().handleModels(() => lookedUp);
    server().handleCounts(() => lookedUp);
    const { stderr, code } = await cli.here(['run'], { env: env() });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Claude: .*\nThe models could not be checked, and the run goes on: .*\n$/);
  });

  test.each([
    ['--model', ['--model', 'm']],
    ['--escalate', ['--escalate', 'n,m']],
    ['--verifier-model', ['--verifier-model', 'm']],
  ])(
    'where look-ups say nothing, tokens are counted once a model, and a model of %s that is not known ends the run',
    async (option, flags) => {
      const cli = await withTask();
      server().handleModels(() => htmlPage(404));
      server().handleCounts(({ body }) => (body.model === 'm' ? noSuchModel('m') : tokenCount(8)));
      const { stdout, stderr, code } = await cli.here(['run', ...flags], { env: env() });
      expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
      expect(stderr).toBe(
        `${CREDENTIALS}The API does not know the model m; correct ${option}, or leave out this check with --no-preflight\n`,
      );
      const counted = server().counted.map(({ body }) => body.model);
      expect(counted.toSorted()).toEqual([...new Set(counted)].toSorted());
      expect(counted).toContain('m');
      expect(server().requests).toEqual([]);
      expect(await cli.tasks()).toMatchObject([{ status: 'pending', attempts: 0, history: [] }]);
    },
  );

  test('where look-ups say nothing, a count of tokens is enough', async () => {
    const cli = await withTask();
    server().handleModels(() => htmlPage(404));
    expect(await cli.here(['run'], { env: env() })).toMatchObject({ code: 0, stderr: CREDENTIALS });
    expect(server().violations).toEqual([]);
  });

  test.each([[['-q']], [['--json']]])('%j says nothing of it where all is well', async (flags) => {
    const cli = await withTask();
    expect(await cli.here(['run', ...flags], { env: env() })).toMatchObject({ stderr: '', code: 0 });
    expect(server().lookUps).toHaveLength(1);
  });

  test('nothing is looked up with --no-preflight, without Claude, or where nothing is to be done', async () => {
    const cli = await withTask();
    await cli.here(['run', '--dry-run'], { env: env() });
    await cli.here(['run', '--simulate'], { env: env() });
    expect(await cli.here(['run', '--no-preflight'], { env: env() })).toMatchObject({ stderr: '', code: 0 });
    await cli.here(['run'], { env: env() });
    await cli.add('more');
    await cli.here(['run', '--exec', 'cat'], { env: env() });
    expect(server().lookUps).toEqual([]);
  });
});
