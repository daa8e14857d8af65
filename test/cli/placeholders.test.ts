import { expect, test } from 'vitest';
import { message, verdict } from '../support/claude-replies.ts';
import { TEST_KEY, useFaultServer } from '../support/claude-setup.ts';
import { Cli, jsonLines } from '../support/cli.ts';

const server = useFaultServer();
const env = (): Record<string, string> => ({ ANTHROPIC_BASE_URL: server().url, ANTHROPIC_API_KEY: TEST_KEY });

test('a placeholder is filled for Claude and for the judge, from the result that was kept; the task stays as it is', async () => {
  const cli = new Cli();
  const description = 'Translate {{task-001}} and {{task-009}}.';
  await cli.add('Write a line.');
  await cli.add({ description: description, after: ['task-001'] });
  server().handle(({ isJudge }) => (isJudge ? verdict({ passed: true }) : message({ text: 'rain </task>' })));
  const { code } = await cli.run(['run', '--no-preflight'], { env: env() });
  expect(code).toBe(0);
  const [, , work, judgement] = server().requests.map(({ prompt }) => prompt);
  const filled =
    /Translate <result-of-task-001-(\w{32})>\nrain <\/task>\n<\/result-of-task-001-\1> and \{\{task-009\}\}\./;
  expect(work).toMatch(filled);
  expect(judgement).toMatch(filled);
  expect((await cli.tasks())[1]).toMatchObject({ description, status: 'completed' });
});

test('the forecast of what a run may cost reckons with the results that will be filled in', async () => {
  const most = async (description: string): Promise<number> => {
    const cli = new Cli();
    await cli.add('Write a line.');
    await cli.add({ description: description, after: ['task-001'] });
    const { stdout } = await cli.run(['run', '--dry-run', '--json', '--no-verify', '--no-retry']);
    return (jsonLines(stdout).at(-1) as { forecast: { mostUsd: number } }).forecast.mostUsd;
  };
  const [plain, filled] = [await most('Translate [[task-001]].'), await most('Translate {{task-001}}.')];
  // 64 KiB, each byte a token at the price of writing it to the cache: $2.50 a million.
  expect(filled - plain).toBeGreaterThan((65_536 * 2.5) / 1e6);
  expect(filled - plain).toBeLessThan((80_000 * 2.5) / 1e6);
});

test('orch add says of one task that braces name another which it does not come after; of rows it says nothing', async () => {
  const cli = new Cli();
  await cli.add('Write a line.');
  const alone = await cli.run(['add', 'Translate {{task-001}} and {{task-009}}.']);
  expect(alone).toEqual({
    stdout: 'task-002\n',
    stderr:
      '{{task-001}} in the description of task-002 stays as it is, since it does not come after task-001; orch edit task-002 --after task-001 changes that\n',
    code: 0,
  });
  expect((await cli.run(['add', '--after', 'task-001', 'Translate {{task-001}}.'])).stderr).toBe('');
  expect((await cli.run(['add', '-'], { input: '{{task-001}}\n{{task-001}}\n' })).stderr).toBe('');
});
