import { mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { TEST_KEY, useFaultServer } from '../support/claude-setup.ts';
import { Cli, jsonLines } from '../support/cli.ts';

const server = useFaultServer();
const env = (): Record<string, string> => ({ ANTHROPIC_BASE_URL: server().url });

async function withTask(): Promise<Cli> {
  const cli = new Cli();
  await cli.run(['add', 'say hello']);
  return cli;
}

const TO_DO =
  'No credentials for the Claude API were found: set ANTHROPIC_API_KEY, do the tasks by a command with --exec, or have them simulated with --simulate';
const TO_JUDGE = 'No credentials for the Claude API were found: set ANTHROPIC_API_KEY, or leave out --judge';

test.each([
  ['Claude does the tasks', [], {}, TO_DO],
  ['Claude judges', ['--exec', 'cat', '--judge'], {}, TO_JUDGE],
  ['the key is blank', [], { ANTHROPIC_API_KEY: ' ' }, TO_DO],
  ['a profile is named that is not there', [], { ANTHROPIC_PROFILE: 'mine' }, TO_DO],
  ['nothing would be looked up', ['--no-preflight'], {}, TO_DO],
])(
  'without credentials where %s, the run ends with 2 in one sentence, and nothing is done',
  async (_, flags, more, said) => {
    const cli = await withTask();
    const { stdout, stderr, code } = await cli.run(['run', ...flags], { env: { ...env(), ...more } });
    expect({ stdout, stderr, code }).toEqual({ stdout: '', stderr: `${said}\n`, code: 2 });
    const json = await cli.run(['run', '--json', ...flags], { env: { ...env(), ...more } });
    expect({ stdout: json.stdout, code: json.code }).toEqual({ stdout: '', code: 2 });
    expect(JSON.parse(json.stderr)).toEqual({ schemaVersion: 1, error: { code: 'usage', message: said } });
    expect([server().requests, server().lookUps]).toEqual([[], []]);
    expect(await cli.tasks()).toMatchObject([{ status: 'pending', attempts: 0, history: [] }]);
  },
);

test('without credentials, a command does the tasks, and a simulation too', async () => {
  const cli = await withTask();
  expect((await cli.run(['run', '--simulate'])).code).toBe(0);
  const { stdout, code } = await cli.run(['run', '--json', '--exec', 'cat']);
  expect(code).toBe(0);
  expect(jsonLines(stdout)[0]).not.toHaveProperty('credentials');
});

test.each<[string, Record<string, string>, string[]]>([
  ['ANTHROPIC_API_KEY', { ANTHROPIC_API_KEY: TEST_KEY }, []],
  ['ANTHROPIC_AUTH_TOKEN', { ANTHROPIC_AUTH_TOKEN: 'token-0000' }, ['--no-preflight']],
  [
    'ANTHROPIC_CUSTOM_HEADERS (Authorization)',
    { ANTHROPIC_CUSTOM_HEADERS: 'Authorization: Bearer gateway-0000' },
    ['--exec', 'cat', '--judge'],
  ],
])('with --json, run:start says that the credentials are from %s', async (source, credentials, flags) => {
  const cli = await withTask();
  const { stdout, stderr, code } = await cli.run(['run', '--json', ...flags], {
    env: { ...env(), ...credentials },
  });
  expect([code, stderr]).toEqual([0, '']);
  expect(jsonLines(stdout)[0]).toMatchObject({ event: 'run:start', credentials: source });
  expect(stdout).not.toMatch(/sk-ant-test-0000|token-0000|gateway-0000/);
});

test('with --json, run:start names the profile and its file', async () => {
  const cli = await withTask();
  for (const folder of ['configs', 'credentials']) mkdirSync(cli.path(`home/${folder}`));
  const file = cli.write('home/configs/default.json', '{ "authentication": { "type": "user_oauth" } }');
  const later = new Date(Date.now() + 3_600_000).toISOString();
  cli.write(
    'home/credentials/default.json',
    JSON.stringify({ access_token: 'oauth-0000', expires_at: later, refresh_token: 'refresh-0000' }),
  );
  const { stdout } = await cli.run(['run', '--json', '--no-preflight'], { env: env() });
  expect(jsonLines(stdout)[0]).toMatchObject({
    event: 'run:start',
    credentials: `profile default (${file})`,
  });
  expect(stdout).not.toMatch(/oauth-0000|refresh-0000/);
});
