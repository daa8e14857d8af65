import { expect, test } from 'vitest';
import { message, silence } from '../support/claude-replies.ts';
import { TEST_KEY, useFaultServer } from '../support/claude-setup.ts';
import { Cli, jsonLines, preload } from '../support/cli.ts';

const server = useFaultServer();

/** With a service that counts as out after so many milliseconds. */
const env = (outageMs: number): Record<string, string> => ({
  ANTHROPIC_BASE_URL: server().url,
  ANTHROPIC_API_KEY: TEST_KEY,
  TEST_OUTAGE_MS: String(outageMs),
  NODE_OPTIONS: ['no-network.ts', 'short-outage.ts'].map((name) => `--import=${preload(name)}`).join(' '),
});

async function withTasks(count: number): Promise<Cli> {
  const cli = new Cli();
  await cli.run(['add', '-'], { input: 'Task\n'.repeat(count) });
  return cli;
}

test('an API that takes calls and never answers ends the run with 75, and no attempt is counted', async () => {
  const cli = await withTasks(3);
  server().handle(silence);
  const { stdout, code } = await cli.run(['run', '--json', '-j', '3', '--task-timeout', '1s'], {
    env: env(1_000),
  });
  expect(code).toBe(75);
  expect(jsonLines(stdout).at(-1)).toMatchObject({
    stats: {
      attempts: 0,
      failed: 0,
      stopReason: { kind: 'unavailable', message: 'no whole answer within 1 s' },
    },
  });
  expect(server().requests).toHaveLength(3);
  const tasks = await cli.tasks();
  expect(tasks.map(({ status, attempts }) => [status, attempts])).toEqual(Array(3).fill(['pending', 0]));
});

test('--task-timeout ends a call to Claude, which counts while the API is not taken to be out', async () => {
  const cli = await withTasks(1);
  server().handle(({ number }) => (number === 1 ? silence() : message()));
  const flags = ['--no-verify', '--task-timeout', '1s'];
  const { code } = await cli.run(['run', ...flags], { env: env(600_000) });
  expect(code).toBe(0);
  expect(await cli.tasks()).toMatchObject([
    {
      status: 'completed',
      attempts: 2,
      history: [{ outcome: 'failed', error: 'no whole answer within 1 s' }, { outcome: 'passed' }],
    },
  ]);
});
