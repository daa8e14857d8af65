import { readdirSync, readFileSync } from 'node:fs';
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
  // What a person wrote into the file by hand stands in it, and so in the events.
  expect(run.stdout.replaceAll(`is rejected, ${TEST_KEY}`, '')).not.toContain(TEST_KEY);
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
