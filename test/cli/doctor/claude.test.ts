import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { apiError, modelInfo, noSuchModel, unauthorized } from '../../support/claude-replies.ts';
import { TEST_KEY, useFaultServer } from '../../support/claude-setup.ts';
import { Cli, type Result } from '../../support/cli.ts';

const server = useFaultServer();
const env = (): Record<string, string> => ({ ANTHROPIC_BASE_URL: server().url, ANTHROPIC_API_KEY: TEST_KEY });

function lines({ stdout }: Result): string[] {
  return stdout.split('\n').filter((line) => /^\S+ +(key|api|model|config) /.test(line));
}

const CONFIG = 'ok       config   there is no config file, and none is needed';
const KEY = 'ok       key      from ANTHROPIC_API_KEY';

describe('orch doctor asks the API', () => {
  test('and says where the credentials are from, that it is there, and each model that a run would use', async () => {
    const cli = new Cli();
    cli.write('orch.config.json', '{ "run": { "model": "a", "escalate": "b", "verifierModel": "c" } }');
    const result = await cli.here(['doctor'], { env: env() });
    expect(result.code).toBe(0);
    expect(lines(result)).toEqual([
      'ok       config   orch.config.json is valid',
      KEY,
      'ok       api      reachable',
      'ok       model    The model a (--model) is there',
      'ok       model    The model b (--escalate) is there',
      'ok       model    The model c (--verifier-model) is there',
    ]);
    expect(server().requests).toEqual([]);
  });

  test('a key that is refused is wrong configuration', async () => {
    server().handleModels(() => unauthorized());
    const result = await new Cli().here(['doctor'], { env: env() });
    expect(result.code).toBe(2);
    expect(lines(result)).toEqual([
      CONFIG,
      KEY,
      expect.stringMatching(/^problem {2}api {6}every call would be refused: .*; set other credentials, /),
    ]);
  });

  test('an address where nobody answers is another thing: try later, or look at the network', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => closed.once('listening', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const nowhere = { ...env(), ANTHROPIC_BASE_URL: `http://127.0.0.1:${port}` };
    const result = await new Cli().here(['doctor'], { env: nowhere });
    expect(result.code).toBe(75);
    expect(lines(result)).toEqual([
      CONFIG,
      KEY,
      expect.stringMatching(
        /^problem {2}api {6}cannot be reached: .*ECONNREFUSED.*; see whether network, proxy/,
      ),
    ]);
  });

  test('one that does not work for now is told from both', async () => {
    server().handleModels(() => apiError(529, 'overloaded_error', 'Overloaded'));
    server().handleCounts(() => apiError(529, 'overloaded_error', 'Overloaded'));
    const result = await new Cli().here(['doctor'], { env: env() });
    expect(result.code).toBe(75);
    expect(lines(result)[2]).toMatch(
      /^problem {2}api {6}reachable, but it does not work for now: .*; try later$/,
    );
  });

  test('models that are not there, are retired, or will be', async () => {
    const cli = new Cli();
    cli.write(
      'orch.config.json',
      '{ "run": { "model": "gone", "escalate": "old,aging", "verifierModel": "loose" } }',
    );
    const replies: Record<string, ReturnType<typeof modelInfo>> = {
      gone: noSuchModel('gone'),
      old: modelInfo('old', { lifecycle: 'retired' }),
      aging: modelInfo('aging', { lifecycle: 'deprecated', retires_at: '2027-03-01T00:00:00Z' }),
      loose: modelInfo('loose', { capabilities: { structured_outputs: { supported: false } } }),
    };
    server().handleModels((model) => replies[model]!);
    const result = await cli.here(['doctor'], { env: env() });
    expect(result.code).toBe(2);
    expect(lines(result).slice(2)).toEqual([
      'ok       api      reachable',
      'problem  model    The API does not know the model gone; correct --model',
      'problem  model    The model old is retired; name another with --escalate',
      'note     model    The model aging (--escalate) will be retired on 2027-03-01; name a newer one',
      'problem  model    The model loose cannot be held to the form of a verdict; name another with --verifier-model',
    ]);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['is retired', { lifecycle: 'retired' }, 'problem'],
    ['has shorter answers', { max_tokens: 8000 }, 'problem'],
    ['has shorter answers, and will be retired', { max_tokens: 8000, lifecycle: 'deprecated' }, 'problem'],
    ['will be retired', { lifecycle: 'deprecated' }, 'note   '],
  ])('a model that %s is found as a run finds it, in the same words', async (_, parts, mark) => {
    const cli = new Cli();
    await cli.add('say hello');
    server().handleModels((model) => modelInfo(model, model === 'm' ? parts : {}));
    const withModel = { ...env(), ORCH_MODEL: 'm' };
    const doctor = await cli.here(['doctor'], { env: withModel });
    const run = await cli.here(['run', '-q'], { env: withModel });
    expect(run.stderr).toMatch(/^The model m .*\n$/);
    expect(lines(doctor)[3]).toBe(`${mark}  model    ${run.stderr.trimEnd()}`);
    expect(doctor.code).toBe(run.code);
  });

  test('--offline leaves it out', async () => {
    const result = await new Cli().here(['doctor', '--offline'], { env: env() });
    expect(result.code).toBe(0);
    expect(lines(result)).toEqual([
      CONFIG,
      KEY,
      'note     api      not asked, because of --offline',
      'note     model    not looked up, because of --offline',
    ]);
    expect(server().lookUps).toEqual([]);
  });
});

test('no part of a key and no hash of it is in any output, wherever it lies', async () => {
  const key = `sk-ant-api03-${'Qx7'.repeat(20)}-tail9`;
  const cli = new Cli();
  cli.write('orch.config.json', JSON.stringify({ run: { model: key } }));
  server().handleModels(() => apiError(401, 'authentication_error', `invalid x-api-key ${key}`));
  const withKey = { ...env(), ANTHROPIC_API_KEY: key };
  for (const args of [
    ['doctor'],
    ['doctor', '--json'],
    ['doctor', '-q'],
    ['--config', cli.write('ok.json', '{}'), 'doctor'],
  ]) {
    const { stdout, stderr } = await cli.run(args, { env: withKey });
    const said = stdout + stderr;
    for (const part of [key, key.slice(0, 20), key.slice(-8), 'Qx7Qx7']) expect(said).not.toContain(part);
    for (const hash of ['md5', 'sha1', 'sha256'])
      expect(said).not.toContain(createHash(hash).update(key).digest('hex').slice(0, 8));
  }
});

test('a config file that is no good is named, and the rest is looked at all the same', async () => {
  const cli = new Cli();
  cli.write('orch.config.json', '{ "run": { "concurency": 8 } }');
  const broken = await cli.run(['doctor']);
  expect(broken.code).toBe(2);
  expect(broken.stdout).toMatch(
    /^problem {2}config {3}orch\.config\.json has the unknown key run\.concurency; known are /,
  );
  expect(broken.stdout).toMatch(/^ok {7}locks /m);
  const { stdout, code } = await new Cli().run(['doctor', '--json'], { env: { ORCH_CONCURRENCY: 'many' } });
  expect(code).toBe(2);
  const { healthy, checks } = JSON.parse(stdout);
  expect(healthy).toBe(false);
  expect(checks[0]).toMatchObject({
    check: 'config',
    ok: false,
    text: expect.stringContaining('ORCH_CONCURRENCY'),
  });
});

test('longer answers than a model is known to give are wrong configuration, as in a run', async () => {
  const cli = new Cli();
  await cli.add('say hello');
  const tooLong = { ...env(), ORCH_MODEL: 'claude-haiku-4-5', ORCH_MAX_TOKENS: '100000' };
  const doctor = await cli.run(['doctor', '--offline'], { env: tooLong });
  const said =
    'The model claude-haiku-4-5 answers with at most 64000 tokens; lower --max-tokens, which is 100000';
  expect(lines(doctor)[0]).toBe(`problem  config   ${said}`);
  expect(doctor.code).toBe(2);
  expect(await cli.here(['run'], { env: tooLong })).toMatchObject({ stderr: `${said}\n`, code: 2 });
});

test('where a command does the tasks, no credentials are needed', async () => {
  const cli = new Cli();
  cli.write('orch.config.json', '{ "run": { "exec": "sh" } }');
  expect((await cli.run(['doctor'])).stdout).toMatch(
    /^note {5}key {6}no credentials for Claude were found; the tasks are done by a command here, which needs none$/m,
  );
});
