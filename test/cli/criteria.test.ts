import { describe, expect, test } from 'vitest';
import { message, verdict } from '../support/claude-replies.ts';
import { TEST_KEY, useFaultServer } from '../support/claude-setup.ts';
import { Cli, jsonLines } from '../support/cli.ts';
import { readFenced } from '../support/fenced.ts';

const server = useFaultServer();
const env = (): Record<string, string> => ({ ANTHROPIC_BASE_URL: server().url, ANTHROPIC_API_KEY: TEST_KEY });

/** `own` has criteria of its own, `plain` none. */
async function withTasks(): Promise<Cli> {
  const cli = new Cli();
  await cli.add({ description: 'say hello', id: 'plain' });
  await cli.here(['add', 'say goodbye', '--id', 'own', '--criteria', 'It is Latin.']);
  return cli;
}

const judged = () =>
  server().requests.flatMap(({ isJudge, prompt }) => (isJudge ? [readFenced(prompt).inside.criteria] : []));

describe('--criteria of a run', () => {
  test('is what executor, judge and retry are told of a task that has none; the task stays as it is', async () => {
    const cli = await withTasks();
    const before = await cli.tasks();
    server().handle(({ isJudge, number }) =>
      isJudge ? verdict({ passed: number !== 2 }) : message({ text: `try ${number}` }),
    );
    const run = ['run', '-j', '1', '--criteria', 'It is French.'];
    expect((await cli.here(run, { env: env() })).code).toBe(0);
    const told = server().requests.map(({ prompt, isJudge }) => [
      isJudge ? 'judge' : /^say \w+/.exec(prompt)?.[0],
      /It is \w+\./g.exec(prompt)?.[0],
    ]);
    expect(told).toEqual([
      ['say hello', 'It is French.'],
      ['judge', 'It is French.'],
      ['say hello', 'It is French.'],
      ['judge', 'It is French.'],
      ['say goodbye', 'It is Latin.'],
      ['judge', 'It is Latin.'],
    ]);
    expect(judged()).toEqual(['It is French.', 'It is French.', 'It is Latin.']);
    const criteria = (tasks: Array<Record<string, unknown>>) => tasks.map((task) => task.criteria);
    expect(criteria(await cli.tasks())).toEqual(criteria(before));
  });

  test('comes by the environment and the config file too', async () => {
    const cli = await withTasks();
    cli.write('orch.config.json', '{ "run": { "criteria": "by the file" } }');
    expect((await cli.here(['run', 'plain'], { env: env() })).code).toBe(0);
    await cli.here(['reset', 'plain']);
    const more = { ...env(), ORCH_CRITERIA: 'by the environment' };
    expect((await cli.here(['run', 'plain'], { env: more })).code).toBe(0);
    expect(judged()).toEqual(['by the file', 'by the environment']);
  });

  test('is in the forecast, in what is counted for it, and in the reckoning of what a cap must hold', async () => {
    const cli = await withTasks();
    const long = 'x'.repeat(100_000);
    const most = async (...flags: string[]): Promise<number> => {
      const { stdout } = await cli.here(['run', '--dry-run', '--json', ...flags]);
      const { forecast } = jsonLines(stdout).at(-1) as { forecast: { mostUsd: number } };
      return forecast.mostUsd;
    };
    // Three attempts and verdicts of one task, a byte a token or a little more, at two and a half dollars a million.
    const calls = ((await most('--criteria', long)) - (await most())) / ((100_000 * 2.5) / 1e6);
    expect(Math.floor(calls)).toBe(6);
    await cli.here(['run', 'plain', '--dry-run', '--criteria', 'It is French.'], { env: env() });
    expect(server().counted.map(({ prompt }) => prompt.includes('It is French.'))).toEqual([true, true]);
    const capped = (...flags: string[]) =>
      cli.here(['run', 'plain', '--max-cost', '0.2', ...flags], { env: env() });
    const refused = await capped('--criteria', long);
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('less than one call may cost'),
    });
    expect(server().requests).toEqual([]);
    // One with shorter criteria of its own fits.
    const other = ['run', '--max-cost', '0.2', '--limit', '1', '--criteria', long];
    expect((await cli.run(other, { env: env() })).stderr).not.toContain('less than one call');
    expect((await capped()).code).toBe(0);
  });

  test('is for the judge alone where a command does the tasks; without a judge it is refused', async () => {
    const cli = await withTasks();
    const run = ['run', 'plain', '--exec', 'cat', '--criteria', 'It is French.'];
    expect(await cli.here(run)).toMatchObject({
      code: 2,
      stderr: '--criteria is for the judge, which is off with --exec; add --judge\n',
    });
    expect((await cli.here([...run, '--judge'], { env: env() })).code).toBe(0);
    expect(judged()).toEqual(['It is French.']);
    await cli.here(['reset', 'plain']);
    const weaker = { ORCH_CRITERIA: 'It is French.' };
    expect((await cli.here(['run', 'plain', '--exec', 'cat'], { env: weaker })).code).toBe(0);
  });

  test('is for the judge of an audit too', async () => {
    const cli = await withTasks();
    expect((await cli.here(['run', '--exec', 'cat'])).code).toBe(0);
    const audit = ['audit', '-j', '1', '--criteria', 'It is French.'];
    expect(await cli.run(audit)).toMatchObject({
      code: 2,
      stderr: '--criteria is for the judge, which is off; add --judge\n',
    });
    expect((await cli.run([...audit, '--judge'], { env: env() })).code).toBe(0);
    expect(judged()).toEqual(['It is French.', 'It is Latin.']);
  });
});
