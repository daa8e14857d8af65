import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { Cli, jsonLines, type Result, says } from '../../support/cli.ts';
import { PASSWORD, PostgresServer } from '../../support/postgres-server.ts';
import { enough } from '../../support/thorough.ts';

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
}, 60_000);

afterAll(() => server.stop());

/** The same command line on a file and on a database. */
interface Twins {
  file: Cli;
  database: Cli;
  url: string;
}

async function twins(): Promise<Twins> {
  return { file: new Cli(), database: new Cli(), url: await server.newDatabase() };
}

async function onBoth({ file, database, url }: Twins, args: string[], input = '') {
  // What a file comes to is shown by processes elsewhere.
  const isProcess = PROCESSES.has(args[0] ?? '') || args.includes('--run');
  return Promise.all([
    isProcess ? file.run(args, { input }) : file.here(args, { input }),
    database.run(args, { input, env: { ORCH_STORE: url } }),
  ]);
}

const PROCESSES = new Set(['run', 'audit', 'wait']);

/** As `orch export` writes one. */
const WHOLE =
  '{"id":"other","description":"x","status":"pending","attempts":0,"priority":0,"createdAt":"2026-01-01T00:00:00.000Z","history":[]}\n';

/** What differs from one run to another, and where the tasks are. */
const VARIES =
  /^(at|startedAt|endedAt|createdAt|run|runs|elapsedSeconds|pid|checks|file|token|since|expiresAt)$/;

function sameJson(text: string): unknown {
  return jsonLines(text).map((line) =>
    JSON.parse(JSON.stringify(line, (key, value) => (VARIES.test(key) ? null : sorted(value)))),
  );
}

/** Which of two that end at once is told first is open. */
function inAnyOrder(lines: unknown): unknown[] {
  return (lines as object[]).map((line) => JSON.stringify(line)).toSorted();
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** For people: without times, ids of runs, and the place of the store. */
function sameText(text: string, { url }: Twins): string {
  const { host, pathname } = new URL(url);
  return text
    .replaceAll(`postgres://postgres@${host}${pathname}`, 'tasks.json')
    .replaceAll(`postgres://[redacted]@${host}${pathname}`, 'tasks.json')
    .replace('holds no store yet', 'does not exist')
    .replace(/run-[0-9a-f]{8}/g, '<run>')
    .replace(/\d+\.\d{3}s/g, '<seconds>')
    .replace(/pid \d+/g, '<pid>')
    .replace(/today at \d\d:\d\d/g, '<time>');
}

function expectSame([file, database]: [Result, Result], line: string[], pair: Twins): void {
  const json = line.includes('--json');
  expect(database.stdout + database.stderr).not.toContain(PASSWORD);
  const said = ({ code, stdout, stderr }: Result) => ({
    code,
    stdout: json ? inAnyOrder(sameJson(stdout)) : sameText(stdout, pair).split('\n').toSorted(),
    stderr: sameText(stderr, pair),
  });
  expect.soft({ line, ...said(database) }).toEqual({ line, ...said(file) });
}

/** One after the other on the same store: each finds what those before it have left. With `--json` the whole document is compared. */
const LINES: [args: string[], input?: string][] = [
  [['list']],
  [['add', 'echo one', '--tag', 'a', '--priority', '2', '--meta', 'n=1', '--json']],
  [['add', 'exit 3', '--after', 'task-001', '--id', 'bad', '--max-attempts', '2']],
  [['add', 'echo three', '--check', 'grep -q three', '--criteria', 'three', '--json']],
  [['add', '-'], 'echo four\n# no\n\necho five\n'],
  [['add', '-f', 'rows.jsonl', '--json']],
  [['add', 'exit 4', '--id', 'bad']],
  [['add', 'x', '--after', 'nobody', '--json']],
  [['add', 'later', '--not-before', '2099-01-01T00:00:00Z', '--id', 'later']],
  [['list', '--json']],
  [['list', '--status', 'pending', '--tag', 'a', '--limit', '1']],
  [['run', '--dry-run']],
  [['run', '--simulate', '-j', '1', 'task-003']],
  [['run', '--exec', 'sh', '-j', '1', '--max-failures', '5', '--limit', '20', '--json']],
  [['status', '--json']],
  [['status']],
  [['show', 'bad']],
  [['show', 'bad', '--json']],
  [['show', 'task-001', '--result']],
  [['explain', 'bad']],
  [['audit', '--check', 'grep -q three', '--reopen', 'task-001', 'task-003', '--json']],
  [['edit', 'later', '--description', 'echo later', '--priority', '-1', '--json']],
  [['edit', 'bad', '--after', 'bad']],
  [['retry', 'bad', '--feedback', 'say 0', '--json']],
  [['reset', '--all', '--yes', '--json']],
  [['cancel', 'task-004']],
  [['remove', 'task-001']],
  [['remove', 'task-004', '--json']],
  [['run', '--exec', 'sh', '-j', '1', '--no-retry', '--max-iterations', '1']],
  [['run', '--exec', 'cat', '-j', '1', '--quiet']],
  [['wait', 'bad']],
  [['export', '--format', 'csv', '-o', 'out.csv']],
  [['export', '--format', 'jsonl', '--json']],
  [['import', '-'], WHOLE],
  [['add', '--run', '--exec', 'cat', 'said at once']],
  [['pause']],
  [['resume', '--json']],
  [['clean']],
  [['status', '--json']],
];

test('every command does and says on a database what it does and says on a file', {
  timeout: 180_000,
}, async () => {
  const pair = await twins();
  for (const cli of [pair.file, pair.database])
    cli.write('rows.jsonl', '{"description":"echo six","id":"six","q":1}\n');
  for (const [line, input] of LINES) expectSame(await onBoth(pair, line, input), line, pair);
  expect(pair.database.read('out.csv').split('\n')[0]).toBe(pair.file.read('out.csv').split('\n')[0]);
});

test('a run and those who look at it find each other: watch, status, pause, resume and stop', async () => {
  const cli = new Cli();
  const env = { ORCH_STORE: await server.newDatabase() };
  await cli.run(['add', '-'], { env, input: 'one\ntwo\n' });
  execFileSync('mkfifo', [cli.path('gate')]);
  const gate = openSync(cli.path('gate'), 'r+');
  onTestFinished(() => closeSync(gate));
  const watch = cli.start(['watch'], { env });
  const saw = says(watch, 'works on', 'stdout');
  const run = cli.start(['run', '-j', '1', '--exec', ': >here; read go <gate; cat', '--max-cost', '3'], {
    env,
  });
  const [paused, resumed] = [says(run, 'paused', 'stdout'), says(run, 'resumed', 'stdout')];
  await cli.appears('here');
  await saw;
  expect((await cli.run(['pause'], { env })).stdout).toMatch(/^1 run told to pause: run-/);
  await paused;
  const status = JSON.parse((await cli.run(['status', '--json'], { env })).stdout);
  expect(status.runs).toEqual([
    expect.objectContaining({
      pid: run.pid,
      told: 'pause',
      held: 1,
      version: expect.stringMatching(/^\d+\.\d+/),
    }),
  ]);
  await cli.run(['resume'], { env });
  await resumed;
  await cli.run(['stop'], { env });
  const ended = once(run, 'exit');
  writeSync(gate, 'go\n');
  expect(await ended).toEqual([0, null]);
  const left = once(watch, 'exit');
  watch.kill('SIGINT');
  expect(await left).toEqual([0, null]);
});

test('what a person may copy holds no password', async () => {
  const cli = new Cli();
  const store = await server.newDatabase();
  const added = await cli.run(['--store', store, 'add', 'exit 3']);
  const run = await cli.run(['--store', store, 'run', '--exec', 'sh', '--no-retry']);
  const { host, pathname } = new URL(store);
  expect(run.stdout).toContain(`Next: orch --store postgres://postgres@${host}${pathname} show task-001`);
  for (const { stdout, stderr } of [added, run]) expect(stdout + stderr).not.toContain(PASSWORD);
  const wrong = await cli.run(['--store', store.replace(PASSWORD, 'geheim'), '--json', 'list']);
  expect(wrong.code).toBe(4);
  expect(JSON.parse(wrong.stderr).error.code).toBe('store-unusable');
  expect(wrong.stderr).not.toContain('geheim');
});

test('a check is trusted on its database, whoever uses that, and its files lie where each machine works', async () => {
  const cli = new Cli();
  const store = await server.newDatabase();
  const env = { ORCH_STORE: store };
  const add = ['add', 'x', '--check', 'sh check.sh', '--check-file', 'check.sh'];
  cli.write('check.sh', 'grep -q x');
  await cli.run([...add, '--id', 'mine'], { env });
  const [task] = jsonLines((await cli.run(['list', '--json'], { env })).stdout);
  expect(task?.seal).toEqual({ check: expect.any(String), files: { 'check.sh': expect.any(String) } });
  // The same database by another URL, and another store in it.
  const [same, other] = [new URL(store), new URL(store)];
  same.searchParams.set('sslmode', 'disable');
  other.searchParams.set('schema', 'other');
  expect((await cli.run(['run', '--exec', 'cat'], { env: { ORCH_STORE: same.href } })).code).toBe(0);
  await cli.run(['migrate', '--to', other.href, '-q'], { env });
  await cli.run(['reset', '--all', '--yes'], { env: { ORCH_STORE: other.href } });
  const asked = await cli.run(['run', '--exec', 'cat'], { env: { ORCH_STORE: other.href } });
  expect(asked).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('1 task came with a check that nobody agreed to'),
  });
  // Another machine, whose file is another.
  const elsewhere = new Cli();
  elsewhere.write('check.sh', 'true');
  await cli.run([...add, '--id', 'again'], { env });
  const ran = await elsewhere.run(['run', '--exec', 'cat', '--trust', '--no-retry'], { env });
  expect(ran.code).toBe(1);
  expect((await elsewhere.run(['show', 'again'], { env })).stdout).toContain('tampered');
});

test('a config file names a database, and a report is called after it', async () => {
  const cli = new Cli();
  const store = new URL(await server.newDatabase());
  store.searchParams.set('schema', 'mine');
  cli.write('orch.config.json', JSON.stringify({ store: store.href }));
  await cli.run(['add', 'x']);
  const run = await cli.run(['run', '--exec', 'exit 3', '--no-retry', '--junit', 'out.xml']);
  expect(run.code).toBe(1);
  expect(run.stdout).toContain('Next: orch show task-001');
  expect(cli.read('out.xml')).toContain(`name="${store.pathname.slice(1)}-mine`);
  expect(cli.read('out.xml') + run.stdout + run.stderr).not.toContain(PASSWORD);
});

test('a shell completes ids from a database, and is not held up by one that does not answer', async () => {
  const cli = new Cli();
  const env = { ORCH_STORE: await server.newDatabase() };
  await cli.run(['add', 'x', '--id', 'sample'], { env });
  const { stdout } = await cli.run(['complete', 'bash', 'orch show sa'], { env });
  expect(stdout).toContain('sample');
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as AddressInfo;
  const nothing = await cli.run(['complete', 'bash', 'orch show sa'], {
    env: { ORCH_STORE: `postgres://u@127.0.0.1:${port}/d` },
  });
  expect(nothing).toEqual({ stdout: expect.not.stringContaining('sample'), stderr: '', code: 0 });
});

test('many rows are added at once', { timeout: 120_000 }, async () => {
  const cli = new Cli();
  const env = { ORCH_STORE: await server.newDatabase() };
  // They are sent in several pieces.
  const count = enough(20_000, 100_000);
  cli.write('rows.txt', Array.from({ length: count }, (_, i) => `row ${i}\n`).join(''));
  const added = await cli.run(['add', '-f', 'rows.txt'], { env });
  expect({ ...added, stdout: added.stdout.split('\n').length }).toEqual({
    stdout: count + 1,
    stderr: '',
    code: 0,
  });
  const url = new URL(env.ORCH_STORE);
  const [row] = await server.sql<{ count: number }>(
    'SELECT count(*)::int AS count FROM orch.task',
    [],
    url.href,
  );
  expect(row?.count).toBe(count);
});
