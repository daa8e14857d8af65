import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Task } from '../../src/model/task.ts';
import { Lifeline } from '../process/lifeline.ts';
import { verdict } from '../support/claude-replies.ts';
import { TEST_KEY, useFaultServer } from '../support/claude-setup.ts';
import { Cli, jsonLines, resultOf } from '../support/cli.ts';

const server = useFaultServer();

/**
 * Completed tasks: `good` and `bad`, whose checks read what is in the file `wanted`; `plain`, which nothing checks; and `next`, which is
 * pending. By now another word is wanted than that which `bad` gave.
 */
async function audited(): Promise<Cli> {
  const cli = new Cli();
  cli.write('wanted', 'word');
  const check = 'grep -q -f wanted || { echo "not as wanted"; exit 1; }';
  const rows = [
    { description: 'echo word other', id: 'good', check, expect: 'o' },
    { description: 'echo word', id: 'bad', check, expect: 'o' },
    { description: 'echo plain', id: 'plain' },
    { description: 'echo next', id: 'next', check },
  ];
  const input = rows.map((row) => JSON.stringify(row)).join('\n');
  const add = ['add', '-', '--format', 'jsonl', '--trust', '--run', '--exec', 'sh', '--limit', '3', '--json'];
  await cli.run(add, { input });
  expect(await statusesOf(cli)).toEqual(STATUSES);
  cli.write('wanted', 'other');
  return cli;
}

const STATUSES = ['completed', 'completed', 'completed', 'pending'];

async function statusesOf(cli: Cli): Promise<unknown[]> {
  return (await cli.tasks()).map(({ status }) => status);
}

describe('orch audit', () => {
  test('says which results no longer hold, changes nothing, and ends with 1', async () => {
    const cli = await audited();
    const before = await cli.tasks();
    expect(await cli.run(['audit'])).toEqual({
      stdout:
        '✗ bad  no longer holds  check: not as wanted\n1 result holds, 1 no longer, 1 without a check\n',
      stderr: '',
      code: 1,
    });
    expect(await cli.tasks()).toEqual(before);
  });

  test('ends with 0 when all hold, of all or of the named ones', async () => {
    const cli = await audited();
    expect(await cli.here(['audit', 'good', 'plain', 'good'])).toMatchObject({
      stdout: '1 result holds, 0 no longer, 1 without a check\n',
      code: 0,
    });
    cli.write('wanted', 'word');
    expect((await cli.here(['audit', '-q'])).stdout).toBe('');
  });

  test('takes ranges, of which those are meant that are completed', async () => {
    const cli = new Cli();
    await cli.add({ description: 'echo word', expect: 'word' });
    expect((await cli.here(['run', '--exec', 'sh'])).code).toBe(0);
    await cli.add('echo next');
    const { stdout, code } = await cli.here(['audit', 'task-001..task-009']);
    expect({ stdout, code }).toEqual({ stdout: '1 result holds, 0 no longer\n', code: 0 });
    expect((await cli.here(['audit', 'task-002'])).code).toBe(2);
  });

  test('gives checks the bytes of a result that is no UTF-8, and the results of earlier tasks', async () => {
    const cli = new Cli();
    await cli.add({ description: 'printf "\\377"', id: 'one' });
    const check = 'cmp - "$ORCH_AFTER_ONE_FILE"';
    await cli.here(['add', 'cat "$ORCH_AFTER_ONE_FILE"', '--id', 'two', '--after', 'one', '--check', check]);
    expect((await cli.here(['run', '--exec', 'sh'])).code).toBe(0);
    expect((await cli.tasks())[1]).toMatchObject({ result: '/w==', verified: true });
    expect((await cli.here(['audit', 'two'])).code).toBe(0);
    const { code } = await cli.here(['audit', 'two', '--reopen', '--expect', 'x']);
    expect(code).toBe(1);
    const [, two] = (await cli.tasks()) as unknown as Task[];
    expect(two?.history.at(-1)).toMatchObject({ metadata: { encoding: 'base64' } });
  });

  test('--json prints an object a line for each task, with the evidence', async () => {
    const cli = await audited();
    const { stdout, code } = await cli.here(['audit', '--json', '-j', '1']);
    expect(code).toBe(1);
    const passed = { passed: true, confidence: 1, feedback: '', issues: [] };
    const failed = { passed: false, confidence: 1, feedback: 'not as wanted', issues: ['not as wanted'] };
    const expected = { verifier: 'expect', ...passed };
    expect(jsonLines(stdout)).toEqual([
      {
        schemaVersion: 1,
        task: 'good',
        finding: 'holds',
        verdict: passed,
        evidence: [expected, { verifier: 'check', ...passed }],
      },
      {
        schemaVersion: 1,
        task: 'bad',
        finding: 'fails',
        verdict: failed,
        evidence: [expected, { verifier: 'check', ...failed }],
      },
      { schemaVersion: 1, task: 'plain', finding: 'unchecked' },
    ]);
  });

  test('--reopen takes back what fails, and the next attempt is told why', async () => {
    const cli = await audited();
    const { stdout, code } = await cli.here(['audit', '--reopen', '--json']);
    expect(code).toBe(1);
    expect(jsonLines(stdout).filter(({ reopened }) => reopened)).toMatchObject([{ task: 'bad' }]);
    const [, bad] = await cli.tasks();
    expect(bad).toMatchObject({
      status: 'pending',
      attempts: 1,
      history: [
        { outcome: 'passed' },
        { outcome: 'rejected', run: 'audit', output: 'word\n', verdict: { feedback: 'not as wanted' } },
      ],
    });
    expect(await cli.here(['audit', '--reopen'])).toMatchObject({ code: 0 });
    const exec = 'cat "$ORCH_PREVIOUS_RESULT_FILE" 2>/dev/null; echo "$ORCH_FEEDBACK other"';
    expect((await cli.here(['run', '--exec', exec])).code).toBe(0);
    expect((await cli.tasks())[1]).toMatchObject({
      status: 'completed',
      result: 'word\nnot as wanted other\n',
    });
  });

  test('a person sees it, and how many went back', async () => {
    const cli = await audited();
    const { stdout } = await cli.here(['audit', '--reopen']);
    expect(stdout).toBe(
      '✗ bad  no longer holds, pending again  check: not as wanted\n1 result holds, 1 no longer, 1 without a check, 1 pending again\n',
    );
    expect((await cli.here(['show', 'bad'])).stdout).toContain(
      'Audit: the result that had passed no longer held',
    );
  });

  test('what could not be told does not hold, and is not taken back', async () => {
    const cli = new Cli();
    await cli.here(['add', 'x', '--check', 'test ! -e broken || exit 127']);
    expect((await cli.here(['run', '--exec', 'cat'])).code).toBe(0);
    cli.write('broken', '');
    const { stdout, code } = await cli.here(['audit', '--reopen']);
    expect({ stdout, code }).toEqual({
      stdout:
        '? task-001  could not be told  the check exited with 127\n0 results hold, 0 no longer, 1 could not be told\n',
      code: 1,
    });
    expect(await cli.tasks()).toMatchObject([{ status: 'completed' }]);
  });

  test('a check that was changed since is a failure, and is not run', async () => {
    const cli = new Cli();
    cli.write('check.sh', 'exit 0');
    await cli.here(['add', 'x', '--check', 'sh check.sh', '--check-file', 'check.sh']);
    expect((await cli.here(['run', '--exec', 'cat'])).code).toBe(0);
    cli.write('check.sh', 'touch ran');
    const { stdout, code } = await cli.here(['audit']);
    expect(code).toBe(1);
    expect(stdout).toContain('check: tampered since the task was added: check.sh has changed');
    expect(existsSync(cli.path('ran'))).toBe(false);
    // Doing it again would come to the same changed check.
    const reopening = await cli.here(['audit', '--reopen']);
    expect(reopening).toMatchObject({ code: 1, stdout: expect.not.stringContaining('pending') });
    expect(await cli.tasks()).toMatchObject([{ status: 'completed' }]);
  });

  test('a task whose earlier one is gone is checked without its result', async () => {
    const cli = new Cli();
    await cli.add('echo one');
    await cli.add('echo two');
    await cli.here([
      'add',
      'echo three',
      '--after',
      'task-001,task-002',
      '--check',
      'grep -q three; set | grep ^ORCH_AFTER >names',
    ]);
    expect((await cli.here(['run', '--exec', 'sh'])).code).toBe(0);
    await cli.here(['edit', 'task-003', '--tag', 'x']);
    await cli.here(['remove', 'task-001']);
    expect(await cli.here(['audit'])).toMatchObject({
      code: 0,
      stdout: '1 result holds, 0 no longer, 1 without a check\n',
    });
    expect(cli.read('names')).toMatch(/^ORCH_AFTER_TASK_002_FILE=.*\n$/);
  });

  test('checks that nobody agreed to are not run', async () => {
    const cli = new Cli();
    const task = { id: 'a', description: 'x', status: 'completed', result: 'x', check: 'touch ran' };
    cli.write('tasks.json', JSON.stringify({ tasks: [task] }));
    const { code, stderr } = await cli.here(['audit']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('nobody agreed to (a)') });
    expect(existsSync(cli.path('ran'))).toBe(false);
    expect((await cli.here(['audit', '--trust'])).code).toBe(0);
    expect((await cli.here(['audit'])).code).toBe(0);
    expect(existsSync(cli.path('ran'))).toBe(true);
  });

  test('what a run is told to check, by flag or config file, is checked too', async () => {
    const cli = await audited();
    expect((await cli.here(['audit', 'plain', '--expect', '^other'])).stdout).toContain(
      '✗ plain  no longer holds  run-expect: ',
    );
    cli.write('orch.config.json', '{ "run": { "check": "grep -q other", "exec": "sh" } }');
    expect((await cli.here(['audit', 'plain', '--trust'])).stdout).toContain(
      '✗ plain  no longer holds  run-check: ',
    );
  });

  test('a run’s options that an audit has not do not keep results from being verified', async () => {
    const cli = await audited();
    const env = { ORCH_NO_VERIFY: '1', ORCH_SIMULATE: '1', ORCH_CHECK: 'grep -q other' };
    const alone = await cli.here(['audit', 'plain'], { env: { ORCH_CHECK: env.ORCH_CHECK } });
    expect(await cli.here(['audit', 'plain'], { env })).toEqual({ ...alone, code: 1 });
  });

  test('--judge asks Claude last, and a verdict that is not sure enough is a failure', async () => {
    const cli = await audited();
    server().handle(() => verdict({ passed: true, confidence: 0.6 }));
    const env = { ANTHROPIC_BASE_URL: server().url, ANTHROPIC_API_KEY: TEST_KEY };
    expect((await cli.here(['audit', 'plain'], { env })).stdout).toContain('1 without a check');
    const { stdout, code } = await cli.run(
      ['audit', '--judge', '--reopen', '--json', '-j', '1', 'bad', 'plain'],
      {
        env,
      },
    );
    expect(code).toBe(1);
    expect(server().requests).toHaveLength(1);
    expect(jsonLines(stdout)).toMatchObject([
      { task: 'bad', evidence: [{ verifier: 'expect' }, { verifier: 'check' }] },
      { task: 'plain', finding: 'fails', verdict: { unsure: true }, evidence: [{ verifier: 'judge' }] },
    ]);
    expect((await cli.tasks())[2]).toMatchObject({
      status: 'pending',
      usage: { inputTokens: expect.any(Number) },
      history: [{}, { judge: { model: expect.any(String) }, usage: { inputTokens: expect.any(Number) } }],
    });
    expect((await cli.here(['audit', '--judge', 'good', '--min-confidence', '0.5'], { env })).code).toBe(0);
  });

  test('--max-cost is what the judge may cost: for what does not fit it is not asked', async () => {
    const cli = await audited();
    server().handle(() => verdict({ passed: true, confidence: 1 }));
    const env = { ANTHROPIC_BASE_URL: server().url, ANTHROPIC_API_KEY: TEST_KEY };
    const capped = await cli.here(['audit', '--judge', '--max-cost', '0.0001', 'plain'], { env });
    expect(capped).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^\? plain .*the judge was not asked: /),
    });
    expect(server().requests).toHaveLength(0);
    expect((await cli.here(['audit', '--judge', '--max-cost', '10', 'plain'], { env })).code).toBe(0);
    const unknown = ['audit', '--judge', '--max-cost', '10', '--verifier-model', 'other', 'plain'];
    expect(await cli.run(unknown, { env })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('The price of other is not known'),
    });
  });

  test.each<[string, [args: string[], message: string][]]>([
    [
      'a wrong option',
      [
        [['--max-cost', '1'], '--max-cost is for the judge, which is off'],
        [['--judge'], 'No credentials for the Claude API were found'],
        [['--verifier-model', 'm'], '--verifier-model is for the judge'],
        [['--cwd', 'none'], 'Expected --cwd to be a folder'],
      ],
    ],
    [
      'a task that has no result',
      [
        [['nobody'], 'There is no task "nobody"'],
        [['good', 'next'], 'Task next is pending; name tasks that are completed'],
      ],
    ],
  ])('%s is refused, and nothing is done', async (_, all) => {
    const cli = await audited();
    await Promise.all(
      all.map(async ([args, message]) =>
        expect(await cli.here(['audit', '--reopen', ...args])).toEqual({
          code: 2,
          stderr: expect.stringContaining(message),
          stdout: '',
        }),
      ),
    );
    expect(await statusesOf(cli)).toEqual(STATUSES);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends the checks and all that they started', async (signal, code) => {
    const cli = new Cli();
    const lifeline = new Lifeline();
    const check = `test ! -e slow || { exec 3>'${lifeline.path}'; echo begun >&3; sleep 600 & wait; }`;
    await cli.here(['add', 'x', '--check', check]);
    expect((await cli.here(['run', '--exec', 'cat'])).code).toBe(0);
    cli.write('slow', '');
    const child = cli.start(['audit', '--reopen']);
    const end = resultOf(child);
    expect(await lifeline.line()).toBe('begun');
    child.kill(signal);
    expect((await end).code).toBe(code);
    expect(await lifeline.line()).toBeUndefined();
    expect(await cli.tasks()).toMatchObject([{ status: 'completed' }]);
  });
});
