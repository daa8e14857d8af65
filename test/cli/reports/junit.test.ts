import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { junitLines } from '../../../src/cli/reports/junit.ts';
import { markdownSummary } from '../../../src/cli/reports/markdown-summary.ts';
import { WorkLog } from '../../../src/cli/reports/work-log.ts';
import { survey } from '../../../src/cli/survey.ts';
import type { RunEvent } from '../../../src/model/event.ts';
import { MemoryTaskStore } from '../../../src/stores/memory/memory-task-store.ts';
import { TEST_KEY } from '../../support/claude-setup.ts';
import { Cli, resultOf } from '../../support/cli.ts';
import { attributesOf, junitFaults, textsOf } from '../../support/junit.ts';
import { openPipe } from '../../support/open-pipe.ts';
import { makeTask } from '../../support/task.ts';

const at = '2030-01-01T00:00:00.000Z';
const meta = { at, run: 'run-1' };
const STATS = {
  ...{ processed: 1, completed: 0, failed: 0, retried: 0, attempts: 0, elapsedSeconds: 1, successRate: 0 },
};
const STOPPED = { kind: 'stopped', message: 'it was stopped' } as const;

/** Node's own way to make folders does not end there. */
const UNMADE: [string, string[], string] = [
  'a folder where none can be made',
  ['--junit', '/proc/none/deep/j.xml'],
  '/proc/none/deep/j.xml cannot be written: its folder is not there',
];

describe('orch run --junit', () => {
  test('has a test case for each task that was to be done', async () => {
    const cli = new Cli();
    await cli.here(['add', '-'], { input: 'echo fine\nexit 3\necho none; test $ORCH_ATTEMPT = 2\n' });
    await cli.add({ description: 'echo never', after: ['task-002'] });
    await cli.here(['add', 'echo later', '--not-before', '2099-01-01']);
    const run = await cli.run(['run', '--exec', 'sh', '--max-attempts', '2', '--junit', 'out/orch.xml']);
    expect(run.code).toBe(1);
    const xml = cli.read('out/orch.xml');
    expect(await junitFaults(xml)).toEqual([]);
    expect(attributesOf(xml, 'testsuite')).toMatchObject([
      { name: 'tasks', tests: '5', failures: '1', errors: '0', skipped: '2' },
    ]);
    expect(attributesOf(xml, 'testcase').map(({ classname, name }) => `${classname} ${name}`)).toEqual([
      'orch.tasks task-001: echo fine',
      'orch.tasks task-002: exit 3',
      'orch.tasks task-003: echo none; test $ORCH_ATTEMPT = 2',
      'orch.tasks task-004: echo never',
      'orch.tasks task-005: echo later',
    ]);
    for (const { time } of attributesOf(xml, 'testcase').slice(0, 3)) expect(Number(time)).toBeGreaterThan(0);
    expect(attributesOf(xml, 'failure')).toEqual([{ type: 'failed', message: 'the command exited with 3' }]);
    expect(textsOf(xml, 'skipped')).toEqual([
      'blocked by task-002 (failed)',
      'due later: not before 1 January 2099 at 00:00 UTC',
    ]);
    expect(textsOf(xml, 'system-out')).toEqual([
      '1 attempt, nothing verified the result\n\nfine\n',
      '2 attempts\ntried again because: the command exited with 3',
      '2 attempts, nothing verified the result\ntried again because: the command exited with 1\n\nnone\n',
    ]);
    expect(attributesOf(xml, 'property')).toContainEqual({ name: 'attempts', value: '5' });
  });

  test('the feedback of a check is the text of its failure', async () => {
    const cli = new Cli();
    await cli.add('x');
    const check = 'echo "two words\\nare missing"; exit 1';
    await cli.here(['run', '--exec', 'cat', '--no-retry', '--check', check, '--junit', 'j.xml']);
    const xml = cli.read('j.xml');
    expect(attributesOf(xml, 'failure')[0]).toEqual({ type: 'rejected', message: 'two words' });
    expect(textsOf(xml, 'failure')).toEqual(['two words\nare missing']);
    expect(textsOf(xml, 'system-out')).toEqual(['1 attempt\n\nx']);
    expect(await junitFaults(xml)).toEqual([]);
  });

  test('is written when the run ends early, too: by a safety check, by a signal', async () => {
    const cli = new Cli();
    execFileSync('mkfifo', [cli.path('go')]);
    await cli.here(['add', '-'], { input: 'exit 1\nexit 1\n' });
    const tripped = [
      'run',
      '-j',
      '1',
      '--exec',
      'sh',
      '--no-retry',
      '--max-failures',
      '1',
      '--junit',
      'j.xml',
    ];
    expect((await cli.run(tripped)).code).toBe(3);
    expect(attributesOf(cli.read('j.xml'), 'testsuite')[0]).toMatchObject({
      tests: '2',
      failures: '1',
      skipped: '1',
    });
    expect(attributesOf(cli.read('j.xml'), 'property')).toContainEqual({
      name: 'stopReason',
      value: expect.stringMatching(/^safety: 1 task in a row failed/),
    });
    const child = cli.start(['run', '--exec', 'touch started; cat go', '--junit', 'j.xml']);
    const result = resultOf(child);
    await cli.appears('started');
    child.kill('SIGTERM');
    expect((await result).code).toBe(143);
    const xml = cli.read('j.xml');
    expect(await junitFaults(xml)).toEqual([]);
    expect(attributesOf(xml, 'testsuite')[0]).toMatchObject({ tests: '1', failures: '0', skipped: '1' });
    expect(textsOf(xml, 'skipped')).toEqual(['not done: aborted']);
  });

  test.each<[string, string[], number, string]>([
    ['--fail-fast', ['--fail-fast'], 1, 'the run ended early (failed): bad failed'],
    ['a safety check', ['--max-failures', '1'], 3, 'the run ended early (safety): 1 task in a row failed'],
  ])('what %s kept from being done is skipped, and says why', async (_, options, code, why) => {
    const cli = new Cli();
    await cli.add({ id: 'done', description: 'true' }, { id: 'given-up', description: 'false' });
    await cli.here(['run', '--exec', 'sh', '--no-retry']);
    await cli.add(
      { id: 'bad', description: 'false' },
      { id: 'next', description: 'true' },
      { id: 'other', description: 'true', tags: ['other'] },
      { id: 'after-next', description: 'true', after: ['next'] },
      { id: 'never', description: 'true', after: ['bad'] },
      { id: 'much-later', description: 'true', notBefore: '2099-01-01T00:00:00.000Z' },
    );
    const run = ['run', '-j', '1', '--exec', 'sh', '--no-retry', '--junit', 'j.xml', '--summary', 's.md'];
    const ids = ['done', 'bad', 'next', 'after-next', 'never', 'much-later'];
    expect((await cli.here([...run, ...options, ...ids])).code).toBe(code);
    const xml = cli.read('j.xml');
    expect(await junitFaults(xml)).toEqual([]);
    expect(attributesOf(xml, 'testsuite')).toMatchObject([{ tests: '5', failures: '1', skipped: '4' }]);
    expect(attributesOf(xml, 'testcase').map(({ name }) => name?.split(':')[0])).toEqual([
      ...['bad', 'never', 'next', 'after-next', 'much-later'],
    ]);
    expect(textsOf(xml, 'skipped')).toEqual([
      'blocked by bad (failed)',
      expect.stringMatching(new RegExp(`^not reached: ${why.replace(/[()]/g, '\\$&')}`)),
      'waits for next (pending)',
      'due later: not before 1 January 2099 at 00:00 UTC',
    ]);
    expect(cli.read('s.md')).toContain(
      '### Not reached\n\n3 tasks, left as before.\n\n| task | what | why |\n',
    );
    expect(cli.read('s.md')).toContain('| after-next | true | waits for next (pending) |\n');
  });

  test('what the run was not to do is no test case: as many as it was told to start are enough', async () => {
    const cli = new Cli();
    await cli.add('true', 'true', { description: 'true', notBefore: '2099-01-01T00:00:00.000Z' });
    await cli.here([
      'run',
      '-j',
      '1',
      '--exec',
      'sh',
      '--limit',
      '1',
      '--junit',
      'j.xml',
      '--summary',
      's.md',
    ]);
    expect(attributesOf(cli.read('j.xml'), 'testsuite')).toMatchObject([{ tests: '1', skipped: '0' }]);
    expect(cli.read('s.md')).not.toContain('Not reached');
  });

  test('what another run holds when it is stopped is skipped, too', async () => {
    const cli = new Cli();
    openPipe(cli.path('gate'));
    await cli.add('one', 'two');
    const other = cli.start(['run', '-j', '1', '--exec', 'touch held; read go <gate']);
    await cli.appears('held');
    const child = cli.start(['run', '--exec', 'touch started; read go <gate', '--junit', 'j.xml']);
    const result = resultOf(child);
    await cli.appears('started');
    child.kill('SIGTERM');
    expect((await result).code).toBe(143);
    other.kill('SIGKILL');
    expect(textsOf(cli.read('j.xml'), 'skipped')).toEqual([
      'not done: aborted',
      expect.stringMatching(/^another run holds it: run-\w+$/),
    ]);
  });

  test('is written when the store broke, too, and so is the summary', async () => {
    const cli = new Cli();
    await cli.add('x');
    const exec = 'rm tasks.json tasks.json.journal; echo y';
    const { code, stderr } = await cli.here(['run', '--exec', exec, '--junit', 'j.xml', '--summary', 's.md']);
    expect(code).toBe(4);
    expect(stderr).toContain('tasks.json has vanished while it was in use');
    expect(await junitFaults(cli.read('j.xml'))).toEqual([]);
    expect(textsOf(cli.read('j.xml'), 'skipped')).toHaveLength(1);
    expect(cli.read('s.md')).toMatch(/^## ✗ orch: the store broke\n/);
    expect(cli.read('s.md')).toContain('**The store could not be used any more.**');
  });

  test('is not for a dry run', async () => {
    const cli = new Cli();
    await cli.add('x');
    const { stderr, code } = await cli.here(['run', '--dry-run', '--junit', 'j.xml']);
    expect({ stderr, code }).toEqual({
      stderr: '--dry-run and --junit contradict each other; give one of them\n',
      code: 2,
    });
  });

  test.each<[string, string[], string]>([
    ['a folder', ['--junit', 'home'], 'home is a directory; give a file'],
    ['a file as a folder', ['--junit', 'tasks.json/j.xml'], 'tasks.json/j.xml cannot be written: '],
    ...(process.platform === 'linux' ? [UNMADE] : []),
    ['a device', ['--junit', '/dev/null'], '/dev/null is no regular file; give another file'],
    ['the store', ['--junit', './tasks.json'], './tasks.json belongs to the store; give another file'],
    [
      'its journal',
      ['--summary', 'tasks.json.journal'],
      'tasks.json.journal belongs to the store; give another file',
    ],
    ['a folder for the summary', ['--summary', 'home'], 'home is a directory; give a file'],
    [
      'one file for both',
      ['--junit', 'a', '--summary', './a'],
      '--junit a and --summary ./a contradict each other',
    ],
  ])('%s is refused before anything is done', async (_, options, message) => {
    const cli = new Cli();
    await cli.add('x');
    const { stdout, stderr, code } = await cli.here(['run', '--exec', 'touch done', ...options]);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toContain(message);
    expect(readdirSync(cli.dir)).not.toContain('done');
    expect(await cli.tasks()).toMatchObject([{ status: 'pending', attempts: 0 }]);
  });

  test.each<[string, string[], Record<string, string>?]>([
    ['an unknown id', ['no-such-task']],
    ['a store that is not there', ['--store', 'other.json']],
    ['an option without another', ['--idle-timeout', '5s']],
    ['ids beside --stay', ['task-001', '--stay']],
    ['the credentials', [], { ORCH_EXEC: '' }],
    ['a report that cannot be written', ['--summary', 'home']],
  ])('one of an earlier run is gone when a run does not begin, because of %s', async (_, options, env) => {
    const cli = new Cli();
    await cli.add('x');
    const reports = ['--junit', 'j.xml', '--summary', 's.md'];
    expect((await cli.here(['run', '--exec', 'false', ...reports])).code).toBe(1);
    expect(readdirSync(cli.dir)).toEqual(expect.arrayContaining(['j.xml', 's.md']));
    const exec = options[0] === '--idle-timeout' || env ? [] : ['--exec', 'cat'];
    const { code } = await cli.here(['run', ...reports, ...exec, ...options]);
    expect(code).toBe(2);
    expect(readdirSync(cli.dir)).not.toContain('j.xml');
    if (options[0] !== '--summary') expect(readdirSync(cli.dir)).not.toContain('s.md');
  });

  test('orch add --run makes way too, and a dry run does not', async () => {
    const cli = new Cli();
    await cli.add('x');
    await cli.here(['run', '--exec', 'cat', '--junit', 'j.xml']);
    const env = { ORCH_JUNIT: 'j.xml' };
    await cli.here(['run', '--exec', 'cat', '--dry-run'], { env });
    expect(readdirSync(cli.dir)).toContain('j.xml');
    expect((await cli.run(['add', 'y', '--run', '--idle-timeout', '5s'], { env })).code).toBe(2);
    expect(readdirSync(cli.dir)).not.toContain('j.xml');
  });

  test('orch add --run of what is done already leaves reports that say that nothing ran', async () => {
    const cli = new Cli();
    const again = [
      'add',
      '--run',
      '--id',
      'x',
      '--exec',
      'cat',
      '--junit',
      'j.xml',
      '--summary',
      's.md',
      'hi',
    ];
    await cli.run(again);
    expect(cli.read('j.xml')).toContain('tests="1"');
    expect(await cli.run(again)).toMatchObject({ stdout: 'hi', code: 0 });
    expect(cli.read('j.xml')).toContain('<testsuites name="orch" tests="0"');
    expect(await junitFaults(cli.read('j.xml'))).toEqual([]);
    expect(cli.read('s.md')).toBe('## ✓ orch: nothing to do\n\nNothing ran: all tasks are completed\n');
  });

  test('what is no report stays where a run does not begin, and so does a link with what it leads to', async () => {
    const cli = new Cli();
    await cli.add('x');
    await cli.here(['run', '--exec', 'cat', '--junit', 'real.xml']);
    symlinkSync('real.xml', cli.path('link.xml'));
    const report = cli.read('real.xml');
    cli.write('notes.md', '## orch: my notes\n');
    cli.write(
      'other.xml',
      '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="mocha"></testsuites>\n',
    );
    for (const junit of ['link.xml', 'notes.md', 'other.xml']) {
      expect((await cli.here(['run', '--exec', 'cat', '--junit', junit, 'no-such-task'])).code).toBe(2);
    }
    expect(cli.read('link.xml')).toBe(report);
    expect(cli.read('notes.md')).toBe('## orch: my notes\n');
    expect(cli.read('other.xml')).toContain('mocha');
    expect(readdirSync(cli.dir).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('one that cannot be written at last is told, and the exit code is 1', async () => {
    const cli = new Cli();
    await cli.add('x');
    mkdirSync(cli.path('out'));
    const exec = 'rm -r out; echo > out';
    const { stderr, code } = await cli.run(['run', '--exec', exec, '--junit', 'out/j.xml']);
    expect(stderr).toMatch(/^out\/j.xml cannot be written: [^\n]*\n$/);
    expect(code).toBe(1);
    expect(await cli.tasks()).toMatchObject([{ status: 'completed' }]);
  });

  test('comes from environment and config file like any option; a link stays one, and no temporary file is left', async () => {
    const cli = new Cli();
    mkdirSync(cli.path('sub'));
    symlinkSync('real.xml', cli.path('link.xml'));
    cli.write('real.xml', 'old');
    cli.write('sub/orch.json', '{ "run": { "junit": "here.xml" } }');
    await cli.add('x');
    await cli.here(['run', '--exec', 'cat', '--config', 'sub/orch.json']);
    expect(cli.read('sub/here.xml')).toContain('task-001: x');
    await cli.here(['run', '--exec', 'cat'], { env: { ORCH_JUNIT: 'link.xml' } });
    expect(cli.read('real.xml')).toContain('<testsuites name="orch" tests="0"');
    expect(await junitFaults(cli.read('real.xml'))).toEqual([]);
    expect(readdirSync(cli.dir).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('the next one has the mode that was given to the last', async () => {
    const cli = new Cli();
    await cli.add('x');
    const run = ['run', '--exec', 'cat', '--junit', 'j.xml'];
    await cli.here(run);
    chmodSync(cli.path('j.xml'), 0o640);
    await cli.here(run);
    expect(cli.read('j.xml')).toContain('tests="0"');
    expect(statSync(cli.path('j.xml')).mode & 0o777).toBe(0o640);
  });

  test('a link to what is not there yet stays one', async () => {
    const cli = new Cli();
    symlinkSync('real.xml', cli.path('link.xml'));
    await cli.add('x');
    expect((await cli.here(['run', '--exec', 'cat', '--junit', 'link.xml'])).code).toBe(0);
    expect(lstatSync(cli.path('link.xml')).isSymbolicLink()).toBe(true);
    expect(cli.read('real.xml')).toContain('task-001: x');
  });

  test('a config file that came with the folder may have it written there alone', async () => {
    const cli = new Cli();
    mkdirSync(cli.path('repo'));
    symlinkSync(cli.write('mine', 'mine'), cli.path('repo/link'));
    symlinkSync(cli.path('new'), cli.path('repo/to-new'));
    await cli.run(['--store', 'repo/tasks.json', 'add', 'x']);
    const run = (junit: string, options: string) => {
      cli.write('repo/orch.config.json', JSON.stringify({ run: { junit } }));
      return cli.sh(`cd repo && orch run --exec cat ${options}`);
    };
    for (const junit of ['../mine', 'link', 'to-new', cli.path('mine')]) {
      const { stderr, code } = await run(junit, '');
      expect({ stderr, code }).toEqual({
        stderr:
          'run.junit in orch.config.json leads out of its folder; name the file with --config, or give --junit\n',
        code: 2,
      });
    }
    expect(cli.read('mine')).toBe('mine');
    expect(readdirSync(cli.dir)).not.toContain('new');
    expect((await run('here.xml', '')).code).toBe(0);
    expect(cli.read('repo/here.xml')).toContain('task-001');
    expect((await run('../mine', '--config orch.config.json')).code).toBe(0);
    expect(cli.read('mine')).toContain('<testsuites');
  });

  test('has no credential in it', async () => {
    const cli = new Cli();
    const tasks = [makeTask({ status: 'pending', description: `use ${TEST_KEY}` })];
    cli.write('tasks.json', JSON.stringify({ version: 1, revision: 1, nextId: 2, tasks }));
    const env = { ANTHROPIC_API_KEY: TEST_KEY };
    await cli.run(['run', '--exec', 'cat; exit 1', '--junit', 'j.xml', '--summary', 's.md'], { env });
    expect(cli.read('j.xml')).toContain('use [redacted]');
    expect(cli.read('j.xml') + cli.read('s.md')).not.toContain(TEST_KEY);
  });
});

/** A log of one failed task for each text, in which the text is everywhere. */
function logOf(texts: string[]): WorkLog {
  const log = new WorkLog({ withOutputs: true });
  texts.forEach((text, i) => {
    const verdict = { passed: false, confidence: 1, feedback: text, issues: [text, `${text}.`] };
    const error = { kind: 'rejected', message: text } as const;
    const task = makeTask({
      id: `task-${i}`,
      description: text,
      status: 'failed',
      error,
      attempts: 1,
      history: [{ number: 1, run: 'run-1', startedAt: at, outcome: 'rejected', output: text, verdict }],
    });
    log.onEvent({ event: 'task:start', ...meta, task, attempt: 1, resumed: false });
    log.onEvent({ event: 'task:fail', ...meta, task, attempt: 1, error, verdict });
  });
  return log;
}

describe('of very many tasks', () => {
  /** The reports of a run that was stopped when it had done the first, and what the store held then. */
  async function stopped(tasks: number) {
    const store = new MemoryTaskStore();
    const [first] = await store.add(Array.from({ length: tasks }, (_, i) => ({ description: `no ${i}` })));
    const log = new WorkLog();
    log.onEvent({ event: 'task:release', ...meta, task: first!, reason: 'aborted' });
    log.onEvent({ event: 'run:end', ...meta, stats: { ...STATS, stopReason: STOPPED } });
    const left = await survey(store, { most: 2_000 });
    const xml = junitLines(log, { suite: 'tasks', left }).join('\n');
    return { xml, markdown: markdownSummary(log, { left, hint: (text) => text }) };
  }

  test('that were not reached the first are named, and how many more there are', async () => {
    const { xml, markdown } = await stopped(2_501);
    expect(await junitFaults(xml)).toEqual([]);
    expect(attributesOf(xml, 'testsuite')).toMatchObject([{ tests: '1002', failures: '0', skipped: '1002' }]);
    expect(attributesOf(xml, 'testcase').at(-1)?.name).toBe('further tasks that were not reached');
    const skipped = textsOf(xml, 'skipped');
    expect(skipped.slice(0, 2)).toEqual(['not done: aborted', 'not reached: the run was stopped']);
    expect(skipped.at(-1)).toBe('1,500 tasks; orch list names them');
    expect(markdown).toContain('2,500 tasks, left as before.\n');
    expect(markdown).toMatch(/\n\| task-011 .*\|\n\nand 2,490 more\n/);
  });

  test('all are named where they are not too many', async () => {
    const { xml, markdown } = await stopped(11);
    expect(attributesOf(xml, 'testsuite')).toMatchObject([{ tests: '11', skipped: '11' }]);
    expect(markdown).toContain('10 tasks, left as before.\n');
    expect(markdown).not.toContain('more\n');
  });
});

describe('a test case', () => {
  test('that failed has feedback and issues, each once', () => {
    const log = new WorkLog();
    const told = (id: string, feedback: string, issues: string[]): void => {
      const verdict = { passed: false, confidence: 1, feedback, issues };
      const error = { kind: 'rejected', message: feedback } as const;
      const task = makeTask({ id, status: 'failed', error, attempts: 1 });
      log.onEvent({ event: 'task:fail', ...meta, task, attempt: 1, error, verdict });
    };
    const long = `${'x'.repeat(5_000)}\nend`;
    told('task-001', 'not yet', ['no title', 'not yet']);
    told('task-002', 'no rain at all', ['no rain']);
    told('task-003', long, ['end']);
    const texts = textsOf(junitLines(log, { suite: 'tasks', left: undefined }).join('\n'), 'failure');
    expect(texts).toEqual(['not yet\n- no title', 'no rain at all\n- no rain', long]);
  });

  test('took as long as all that was done of it, without what it waited', () => {
    const log = new WorkLog();
    const second = (n: number) => ({ ...meta, at: `2030-01-01T00:00:0${n}.000Z` });
    const task = makeTask();
    log.onEvent({ event: 'task:start', ...second(1), task, attempt: 1, resumed: false });
    log.onEvent({ event: 'task:retry', ...second(3), task, attempt: 1, cause: 'rejected', reason: 'no' });
    log.onEvent({ event: 'task:start', ...second(7), task, attempt: 2, resumed: false });
    log.onEvent({ event: 'task:complete', ...second(8), task, attempt: 2 });
    expect(log.tasks).toMatchObject([{ workedMs: 3000, retriedFor: 'no' }]);
  });

  test('is an error where nobody could tell', async () => {
    const log = new WorkLog();
    const error = { kind: 'unverifiable', message: 'no verdict' } as const;
    const task = makeTask({ status: 'failed', error });
    log.onEvent({ event: 'task:start', ...meta, task, attempt: 1, resumed: false });
    log.onEvent({ event: 'task:fail', ...meta, at: '2030-01-01T00:00:02.500Z', task, attempt: 1, error });
    const xml = junitLines(log, { suite: 'tasks', left: undefined }).join('\n');
    expect(await junitFaults(xml)).toEqual([]);
    expect(attributesOf(xml, 'testsuite')[0]).toMatchObject({ tests: '1', failures: '0', errors: '1' });
    expect(attributesOf(xml, 'error')).toEqual([{ type: 'unverifiable', message: 'no verdict' }]);
    expect(attributesOf(xml, 'testcase')[0]?.time).toBe('2.500');
  });
});

describe('whatever the texts hold', () => {
  test('the file is what the schema allows', async () => {
    const texts = fc.sample(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.string({
          unit: fc.constantFrom(
            ']',
            '>',
            '<',
            '&',
            '"',
            '\n',
            '\r',
            '\0',
            '\u001b',
            '\ud800',
            '\udfff',
            '\ufffe',
            '😀',
            ' ',
          ),
        }),
      ),
      { numRuns: 2000, seed: 6 },
    );
    const xml = junitLines(logOf(texts), { suite: 'a&b"<', left: undefined }).join('\n');
    expect(await junitFaults(xml)).toEqual([]);
    expect(attributesOf(xml, 'testcase')).toHaveLength(texts.length);
  });

  test('they are bounded, each and in all', () => {
    const log = logOf(Array.from({ length: 1500 }, (_, i) => `${i} ${'x'.repeat(100_000)}`));
    const xml = junitLines(log, { suite: 'tasks', left: undefined }).join('\n');
    const outputs = textsOf(xml, 'system-out');
    expect(outputs[0]).toMatch(/^1 attempt\n\n0 x{8000,8190}… \(cut\)$/);
    expect(outputs.at(-1)).toContain('(left out: the outputs of all tasks are too long');
    expect(Buffer.byteLength(outputs.join(''))).toBeLessThan(9 << 20);
    for (const text of textsOf(xml, 'failure')) expect(text.length).toBeLessThan(30_000);
  });

  test('bytes that are no text are counted', () => {
    const log = new WorkLog({ withOutputs: true });
    const metadata = { encoding: 'base64' };
    const task = makeTask({
      status: 'completed',
      result: Buffer.from([255, 254, 253]).toString('base64'),
      history: [{ number: 1, run: 'r', startedAt: at, outcome: 'passed', metadata }],
    });
    log.onEvent({ event: 'task:complete', ...meta, task, attempt: 1 } as RunEvent);
    expect(log.tasks[0]?.output).toBe('3 bytes that are no text');
  });
});
