import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { apiError, message, verdict } from '../support/claude-replies.ts';
import { TEST_KEY, useFaultServer } from '../support/claude-setup.ts';
import { Cli } from '../support/cli.ts';

const server = useFaultServer();
const env = (): Record<string, string> => ({
  ANTHROPIC_BASE_URL: server().url,
  ANTHROPIC_API_KEY: TEST_KEY,
  ORCH_DEBUG: '1',
});

/** All that was written: every file of the folder, and what was said. */
function everythingIn(cli: Cli, ...said: Array<{ stdout: string; stderr: string }>): string {
  const files = readdirSync(cli.dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  return [...files, ...said.flatMap(({ stdout, stderr }) => [stdout, stderr])].join('\n');
}

test('a key that stands in tasks, results, verdicts, commands and errors is kept, sent and shown nowhere', async () => {
  const cli = new Cli();
  const rows = [
    {
      description: `Say ${TEST_KEY}`,
      criteria: `has ${TEST_KEY}`,
      tags: [TEST_KEY],
      metadata: { [TEST_KEY]: [TEST_KEY] },
    },
    { description: 'fails' },
    { description: 'is rejected', maxAttempts: 2 },
  ];
  const added = await cli.run(['add', '-f', '-', '--format', 'jsonl', '--json'], {
    env: env(),
    input: rows.map((row) => JSON.stringify(row)).join('\n'),
  });
  expect(added.stderr).toBe(
    '1 task held a credential of this environment: [redacted] is kept in its place\n',
  );
  // Written by hand, so that it is in a prompt all the same.
  cli.write('tasks.json', cli.read('tasks.json').replace('"is rejected"', `"is rejected, ${TEST_KEY}"`));
  server().handle(({ isJudge, prompt }) => {
    if (prompt.includes('fails')) return apiError(400, 'invalid_request_error', `the key ${TEST_KEY} is odd`);
    if (!isJudge) return message({ text: `The key is ${TEST_KEY}, isn't it? ${Math.random()}` });
    const passed = !prompt.includes('is rejected');
    return verdict({ passed, feedback: `it says ${TEST_KEY}`, issues: passed ? [] : [`${TEST_KEY}!`] });
  });
  const run = await cli.run(['run', '--json'], { env: env() });
  expect(run.code).toBe(1);
  cli.write('tasks.json', cli.read('tasks.json').replace(`"is rejected, ${TEST_KEY}"`, '"is rejected"'));
  const views = [['show', 'task-001'], ['show', 'task-003'], ['list'], ['status']];
  const said = await Promise.all(views.map((view) => cli.run(view)));
  const everything = everythingIn(cli, added, ...said);
  expect(everything).toContain('The key is [redacted], isn');
  expect(everything).not.toContain(TEST_KEY);
  // What a person wrote into the file by hand stands in it, and is not shown.
  expect(run.stdout).toContain('is rejected, [redacted]');
  expect(run.stdout).not.toContain(TEST_KEY);
  expect(run.stderr).not.toContain(TEST_KEY);
  expect(server().requests.length).toBeGreaterThan(4);
  for (const { body } of server().requests) expect(JSON.stringify(body)).not.toContain(TEST_KEY);
});

test('a key that commands print is kept nowhere', async () => {
  const cli = new Cli();
  await cli.run(['add', 'one']);
  const run = await cli.run(
    [
      'run',
      '--exec',
      'echo "out $ANTHROPIC_API_KEY"; echo "err $ANTHROPIC_API_KEY" >&2',
      '--check',
      'echo "no: $ANTHROPIC_API_KEY"; exit 1',
      '--json',
    ],
    { env: env() },
  );
  const everything = everythingIn(cli, run);
  for (const kept of ['out [redacted]', 'err [redacted]', 'no: [redacted]'])
    expect(everything).toContain(kept);
  expect(everything).not.toContain(TEST_KEY);
});

test('what only looks like a credential stays in a result as it is', async () => {
  const cli = new Cli();
  await cli.run(['add', 'Authorization: Bearer abcdefgh sk-ant-example https://user:password@host']);
  await cli.run(['run', '--exec', 'cat'], {
    env: { ...env(), ANTHROPIC_CUSTOM_HEADERS: 'x-team: password@host' },
  });
  expect((await cli.run(['show', 'task-001', '--result'])).stdout).toBe(
    'Authorization: Bearer abcdefgh sk-ant-example https://user:password@host',
  );
});

test('a key that was not known when the task was added is in no result, prompt, event or view', async () => {
  const cli = new Cli();
  await cli.run(['add', '-'], { input: `say ${TEST_KEY}\nsay it to Claude: ${TEST_KEY}` });
  const byCommand = await cli.run(['run', '--exec', 'cat', '--limit', '1', '--json'], { env: env() });
  server().handle(({ isJudge }) =>
    isJudge ? verdict({ passed: true, feedback: TEST_KEY }) : message({ text: TEST_KEY }),
  );
  const byClaude = await cli.run(['run', '--json'], { env: env() });
  const views = [['show', 'task-001'], ['list'], ['list', '--json'], ['status', '--json']];
  const said = [byCommand, byClaude];
  for (const view of views) said.push(await cli.run(view, { env: env() }));
  expect(said.map(({ stdout, stderr }) => stdout + stderr).join('\n')).not.toContain(TEST_KEY);
  for (const task of await cli.tasks()) {
    expect(task).toMatchObject({ status: 'completed' });
    expect(JSON.stringify({ ...task, description: '' })).not.toContain(TEST_KEY);
  }
  for (const { body } of server().requests) expect(JSON.stringify(body)).not.toContain(TEST_KEY);
});

test('the tokens of a profile are kept nowhere, whatever prints them', async () => {
  const cli = new Cli();
  mkdirSync(cli.path('home/configs'), { recursive: true });
  mkdirSync(cli.path('home/credentials'));
  cli.write('home/configs/default.json', '{"authentication":{"type":"user_oauth"}}');
  const file = cli.write('home/credentials/default.json', '{"access_token":"access-0000"}');
  chmodSync(file, 0o600);
  const added = await cli.run(['add', 'It is access-0000']);
  const profile = { ANTHROPIC_BASE_URL: server().url };
  const byCommand = await cli.run(['run', '--exec', `cat ${file}`, '--json'], { env: profile });
  await cli.run(['add', 'more']);
  server().handle(({ isJudge }) =>
    isJudge ? verdict({ passed: true }) : message({ text: 'It was access-0000' }),
  );
  const byClaude = await cli.run(['run', '--json'], { env: profile });
  expect(server().requests[0]?.headers.authorization).toBe('Bearer access-0000');
  rmSync(cli.path('home'), { recursive: true });
  const everything = everythingIn(cli, added, byCommand, byClaude);
  for (const kept of ['It is [redacted]', 'It was [redacted]', 'access_token\\":\\"[redacted]'])
    expect(everything).toContain(kept);
  expect(everything).not.toContain('access-0000');
});

test('a credential that is sent as a header of its own is one, and is kept nowhere', async () => {
  const cli = new Cli();
  await cli.run(['add', 'one']);
  server().handle(({ isJudge, number }) => {
    if (number === 1) return apiError(529, 'overloaded_error', 'Later.');
    return isJudge ? verdict({ passed: true }) : message({ text: 'It is gateway-0000' });
  });
  const run = await cli.run(['run', '--json'], {
    env: { ANTHROPIC_BASE_URL: server().url, ANTHROPIC_CUSTOM_HEADERS: 'Authorization: Bearer gateway-0000' },
  });
  expect(run.code).toBe(0);
  expect(server().requests[0]?.headers.authorization).toBe('Bearer gateway-0000');
  const everything = everythingIn(cli, run);
  expect(everything).toContain('It is [redacted]');
  expect(everything).not.toContain('gateway-0000');
});

test('a key that stands in a prompt file is not sent', async () => {
  const cli = new Cli();
  await cli.run(['add', 'one']);
  cli.write('system.txt', `Be brief. ${TEST_KEY}`);
  cli.write('retry.txt', `Again. ${TEST_KEY}`);
  const flags = ['--system', 'system.txt', '--judge-system', 'system.txt', '--retry-prompt', 'retry.txt'];
  server().handle(({ isJudge, number }) =>
    isJudge ? verdict({ passed: number > 2 }) : message({ text: `try ${number}` }),
  );
  expect((await cli.run(['run', ...flags], { env: env() })).code).toBe(0);
  const bodies = server().requests.map(({ body }) => JSON.stringify(body));
  expect(bodies).toHaveLength(4);
  for (const body of bodies) {
    expect(body).toMatch(/(?:Be brief|Again)\. \[redacted\]/);
    expect(body).not.toContain(TEST_KEY);
  }
});

test.each([
  ['--model', 'sk-ant-another-0000'],
  ['--verifier-model', TEST_KEY],
  ['--escalate', `claude-opus-5-5,${TEST_KEY}`],
  ['--effort', 'sk-ant-another-0000'],
  ['--verifier-model', 'gateway-key-0000'],
])('a key that is given to %s by mistake is neither sent nor shown', async (flag, value) => {
  const cli = new Cli();
  await cli.run(['add', 'one']);
  for (const more of [[], ['--json'], ['--dry-run']]) {
    const { stdout, stderr, code } = await cli.run(['run', flag, value, ...more], {
      env: { ...env(), ANTHROPIC_AUTH_TOKEN: 'gateway-key-0000' },
    });
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toMatch(/got (?:a credential|.*\[redacted\])/);
    expect(stderr).not.toMatch(/0000/);
  }
  expect([server().lookUps, server().requests]).toEqual([[], []]);
});
