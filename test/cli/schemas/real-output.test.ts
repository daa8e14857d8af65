import { writeSync } from 'node:fs';
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  apiError,
  message,
  overloaded,
  type Reply,
  rateLimited,
  verdict,
} from '../../support/claude-replies.ts';
import { TEST_KEY, useFaultServer } from '../../support/claude-setup.ts';
import { Cli, jsonLines, resultOf } from '../../support/cli.ts';
import type { Handler } from '../../support/fault-server.ts';
import { startLimitServer } from '../../support/limit-server.ts';
import { openPipe } from '../../support/open-pipe.ts';
import { WatchedRun } from '../../support/watched-run.ts';
import { compile, type DocumentName, faults, readSchemas } from './validators.ts';

// Many processes, one after the other.
vi.setConfig({ testTimeout: 90_000 });

const validators = compile(readSchemas());
const server = useFaultServer();
const env = () => ({ ANTHROPIC_BASE_URL: server().url, ANTHROPIC_API_KEY: TEST_KEY });

/** Each line of it, when all fit. */
function fitting(name: DocumentName, text: string): Array<Record<string, unknown>> {
  const documents = jsonLines(text);
  expect(documents).not.toEqual([]);
  for (const document of documents) {
    const wrong = faults(validators[name], document);
    expect(wrong, wrong.length > 0 ? JSON.stringify(document) : '').toEqual([]);
  }
  return documents;
}

/** What a run says, when all of it fits: the names of its events. */
async function runOf(cli: Cli, ...args: string[]): Promise<Set<unknown>> {
  const { stdout } = await cli.run(['run', '--json', ...args], { env: env() });
  return namesOf(fitting('event', stdout));
}

function namesOf(events: Array<Record<string, unknown>>): Set<unknown> {
  return new Set(events.map(({ event }) => event));
}

/** The tasks and the status as they are, when they fit. */
async function views(cli: Cli): Promise<Array<Record<string, unknown>>> {
  fitting('status', (await cli.here(['status', '--json'])).stdout);
  const tasks = fitting('task', (await cli.here(['list', '--json'])).stdout);
  return tasks;
}

test('commands that succeed, fail, repeat themselves, cannot be run, and give bytes or very much', async () => {
  const cli = new Cli();
  cli.write('sealed.sh', 'exit 1');
  cli.write('schema.json', '{"type":"number"}');
  const added = [
    ['echo one', '--check', 'true', '--tag', 'a,b', '--meta', 'k=v', '--criteria', 'c', '--expect', 'one'],
    ['date +%N', '--check', 'echo bad; exit 1', '--max-attempts', '2', '-p', '7'],
    ['echo same', '--check', 'false'],
    ['exit 3', '--not-before', '1ms'],
    ['exit 127'],
    ['echo 1', '--schema', 'schema.json', '--after', 'task-001'],
    ['printf "\\377"'],
    ['head -c 20000 /dev/zero | tr "\\0" x'],
    ['echo x', '--check', 'sh sealed.sh', '--check-file', 'sealed.sh', '--max-attempts', '1'],
  ];
  for (const words of added) fitting('task', (await cli.here(['add', '--json', ...words])).stdout);
  cli.write('sealed.sh', 'exit 0');
  const names = await runOf(cli, '--exec', 'sh', '-j', '2');
  for (const name of ['start', 'execute', 'verify', 'retry', 'complete', 'fail']) {
    expect(names).toContain(`task:${name}`);
  }
  const tasks = await views(cli);
  const kinds = tasks.map(({ status, error }) => (error as { kind: string } | undefined)?.kind ?? status);
  expect(kinds).toEqual([
    ...['completed', 'rejected', 'repeated', 'failed', 'permanent'],
    ...['completed', 'completed', 'completed', 'rejected'],
  ]);
  fitting('task', (await cli.here(['retry', 'task-002', '--feedback', 'better', '--json'])).stdout);
  fitting('task', (await cli.here(['cancel', 'task-002', '--json'])).stdout);
  fitting('task', (await cli.here(['reset', 'task-003', '--json'])).stdout);
  fitting('task', (await cli.here(['edit', 'task-003', '--priority', '2', '--json'])).stdout);
  fitting('task', (await cli.run(['run', '--dry-run', '--exec', 'sh', '--json'])).stdout);
  fitting('task', (await cli.here(['show', 'task-001', '--json'])).stdout);
  await cli.run(['audit', 'task-001', '--reopen', '--expect', 'none']);
  await views(cli);
  fitting('error', (await cli.here(['show', 'nope', '--json'])).stderr);
  fitting('error', (await cli.run(['nope', '--json'])).stderr);
  fitting('error', (await cli.here(['list', '--json', '--store', 'none.json'])).stderr);
});

test('tasks that come in from elsewhere, in other shapes', async () => {
  const cli = new Cli();
  await cli.here(['add', 'exit 3', '--max-attempts', '1']);
  await cli.run(['run', '--exec', 'sh']);
  await cli.here(['add', 'true', '--after', 'task-001']);
  const { stdout: listed } = await cli.here(['list', '--json']);
  const import_ = await cli.run(['--store', 'other.json', 'import', '--json'], { input: listed });
  expect(fitting('task', import_.stdout)).toHaveLength(2);
  const request = {
    custom_id: 'a',
    params: { model: 'm', max_tokens: 5, messages: [{ role: 'user', content: 'x' }] },
  };
  const batch = await cli.run(['--store', 'batch.json', 'import', '--json'], {
    input: JSON.stringify(request),
  });
  expect(fitting('task', batch.stdout)).toHaveLength(1);
  const done = {
    id: 'done',
    description: 'x',
    status: 'completed',
    result: 'r',
    attempts: 1,
    max_attempts: 3,
  };
  cli.write('lab.json', JSON.stringify({ tasks: [done, { id: 'new', description: 'y', result: null }] }));
  const lab = await cli.run(['--store', 'lab.json', 'list', '--json']);
  expect(fitting('task', lab.stdout)).toMatchObject([{ id: 'done', maxAttempts: 3 }, { id: 'new' }]);
});

test('Claude: a rejection, an answer cut short, limits, an overload, a judge that could not tell', async () => {
  const cli = new Cli();
  await cli.here(['add', '-'], { input: 'one\ntwo\nthree\n' });
  const first: Reply[] = [
    ...[rateLimited(0), overloaded(), message({ text: 'cut', stopReason: 'max_tokens' })],
    ...[message({ text: 'done', usage: { input_tokens: 1, output_tokens: 2, cache_read_input_tokens: 3 } })],
    verdict({ passed: false, feedback: 'too short', issues: ['too short'] }),
    ...[
      message({ text: 'better' }),
      message({ text: 'no verdict' }),
      verdict({ passed: true, confidence: 0.1 }),
    ],
  ];
  server().next(...first);
  const names = await runOf(cli, '-j', '1');
  expect(names).toContain('task:retry');
  expect(names).toContain('task:complete');
  await views(cli);
});

test('a budget that is nearly spent, that calls wait for, and that stops the run', async () => {
  const cli = new Cli();
  await cli.here(['add', '-'], { input: 'task\n'.repeat(20) });
  const waits = Promise.withResolvers<void>();
  const dear: Handler = async ({ number }) => {
    // So that calls are under way when others have no room.
    if (number <= 10) await waits.promise;
    return message({ text: 'done', usage: { input_tokens: 0, output_tokens: 3_000 } });
  };
  server().handle(dear);
  const flags = [
    '-j',
    '20',
    '--no-verify',
    '--max-tokens',
    '4000',
    '--max-cost',
    '0.5',
    '--max-task-cost',
    '0.06',
  ];
  const run = new WatchedRun(cli, flags, { env: env() });
  await run.until('budget:wait');
  fitting('status', (await cli.here(['status', '--json'])).stdout);
  waits.resolve();
  await run.until('run:end');
  const names = namesOf(fitting('event', run.lines.join('\n')));
  for (const name of ['budget:wait', 'budget:warning', 'safety:trip']) expect(names).toContain(name);
  await views(cli);
});

test('a limit that calls wait for', async () => {
  const limited = await startLimitServer({ requests: { perMinute: 600, burst: 2 }, latencyMs: 5 });
  onTestFinished(() => limited.close());
  const cli = new Cli();
  await cli.here(['add', '-'], { input: 'task\n'.repeat(12) });
  const more = { env: { ANTHROPIC_BASE_URL: limited.url, ANTHROPIC_API_KEY: TEST_KEY } };
  const { stdout } = await cli.run(['run', '--json', '--no-verify', '-j', '12'], more);
  expect(namesOf(fitting('event', stdout))).toContain('api:limit');
});

test('a run that waits for what is due, is paused, goes on, has its task cancelled; one that is interrupted, and one that resumes its task', async () => {
  const cli = new Cli();
  const go = openPipe(cli.path('go'));
  await cli.here(['add', 'later', '--not-before', '1h', '--id', 'later']);
  const run = new WatchedRun(cli, ['--exec', 'read line < go; echo "$line"', '--until-due', '2h']);
  await run.until('run:wait');
  await cli.here(['pause']);
  await run.until('run:pause');
  fitting('status', (await cli.here(['status', '--json'])).stdout);
  await cli.here(['edit', 'later', '--not-before', '']);
  await cli.here(['resume']);
  await run.until('run:resume');
  await run.until('task:start');
  await views(cli);
  await cli.here(['cancel', 'later']);
  await run.until('task:fail');
  await run.until('run:end');
  fitting('event', run.lines.join('\n'));

  await cli.here(['add', 'interrupted', '--check', 'touch judging; read line < go']);
  const other = new WatchedRun(cli, ['--exec', 'cat']);
  await cli.appears('judging');
  other.child.kill('SIGTERM');
  await other.until('task:release');
  await other.until('run:end');
  fitting('event', other.lines.join('\n'));
  await views(cli);
  const again = resultOf(cli.start(['run', '--json', '--exec', 'cat']));
  writeSync(go, 'go\n');
  const events = fitting('event', (await again).stdout);
  expect(events).toContainEqual(expect.objectContaining({ event: 'task:start', resumed: true }));
});

test('a run that is stopped by its own limits, by a spend cap, by a refused key', async () => {
  const cli = new Cli();
  await cli.here(['add', '-'], { input: 'exit 1\nexit 2\nexit 3\n' });
  const tripped = await runOf(cli, '--exec', 'sh', '--no-retry', '--max-failures', '2', '-j', '1');
  expect(tripped).toContain('safety:trip');
  fitting('status', (await cli.here(['status', '--json'])).stdout);
  server().handle(() =>
    apiError(
      400,
      'invalid_request_error',
      'You have reached your specified API usage limits. You will regain access on 2099-01-01 at 00:00 UTC.',
    ),
  );
  expect(await runOf(cli)).toContain('task:release');
  expect(fitting('status', (await cli.here(['status', '--json'])).stdout)[0]).toHaveProperty('lastStop');
  server().handle(() => apiError(401, 'authentication_error', 'no'));
  await runOf(cli, '--no-preflight');
  await views(cli);
});

test('what wait, add --run and demo print', async () => {
  const cli = new Cli();
  await cli.here(['add', '-'], { input: 'true\nexit 3\n' });
  await cli.run(['run', '--exec', 'sh', '--no-retry']);
  await cli.here(['add', 'never', '--after', 'task-002']);
  const waited = fitting('task', (await cli.run(['wait', '--json'])).stdout);
  expect(waited.map(({ status }) => status)).toEqual(['completed', 'failed', 'pending']);
  const added = await cli.run(['add', '--run', '--json', '--exec', 'sh', 'echo here']);
  expect(fitting('task', added.stdout)).toMatchObject([{ status: 'completed', result: 'here\n' }]);
  const failed = await cli.run(['add', '--run', '--json', '--exec', 'sh', '--no-retry', 'exit 3']);
  expect(fitting('task', failed.stdout)).toMatchObject([{ status: 'failed' }]);
  const names = namesOf(fitting('event', (await cli.run(['demo', '--json'])).stdout));
  for (const name of ['run:start', 'task:retry', 'task:complete', 'run:end']) expect(names).toContain(name);
});

test('what watch prints of a run in another terminal: what runs, a retry, a failure, a pause, a release, an end', async () => {
  const cli = new Cli();
  const go = openPipe(cli.path('go'));
  await cli.here(['add', 'touch first; read line < go; exit 3', '--check', 'true']);
  await cli.here(['add', 'touch second; read line < go; echo two']);
  await cli.here(['add', 'touch third; read line < go']);
  const watch = new WatchedRun(cli, [], { command: 'watch' });
  const run = cli.start(['run', '--exec', 'sh', '-j', '1', '--max-attempts', '2']);
  await watch.until('task:start');
  writeSync(go, 'go\n');
  await watch.until('task:retry');
  await cli.here(['pause']);
  await watch.until('run:pause');
  await cli.here(['resume']);
  await watch.until('run:resume');
  writeSync(go, 'go\n');
  await watch.until('task:fail');
  writeSync(go, 'go\n');
  await watch.until('task:complete');
  await cli.appears('third');
  await watch.until('task:start');
  run.kill('SIGTERM');
  await watch.until('task:release');
  watch.child.kill('SIGINT');
  expect(await watch.end()).toBe(0);
  fitting('event', watch.lines.join('\n'));
});
