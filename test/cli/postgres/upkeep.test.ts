import { getRollbackPlans } from 'pg-boss';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { bossVersion } from '../../../src/stores/postgres/queue/boss.ts';
import { SCHEMA_VERSION } from '../../../src/stores/postgres/tables/schema.ts';
import { Cli, type Result } from '../../support/cli.ts';
import { documentedGrants } from '../../support/documented-grants.ts';
import { PostgresServer } from '../../support/postgres-server.ts';

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
}, 60_000);

afterAll(() => server.stop());

const QUEUE_VERSION = bossVersion().schema;

/** A command line on a database of its own. */
async function onDatabase() {
  const cli = new Cli();
  const url = await server.newDatabase();
  const run = (args: string[], input = ''): Promise<Result> =>
    cli.run(args, { input, env: { ORCH_STORE: url } });
  const here = (args: string[], input = ''): Promise<Result> =>
    cli.here(args, { input, env: { ORCH_STORE: url } });
  const sql = <R extends object>(text: string) => server.sql<R>(text, [], url);
  const checks = async (
    store = url,
  ): Promise<Record<string, { ok: boolean; text: string; note?: boolean }>> => {
    const { stdout } = await cli.here(['doctor', '--json'], { env: { ORCH_STORE: store } });
    const found = JSON.parse(stdout) as { checks: { check: string; ok: boolean; text: string }[] };
    return Object.fromEntries(found.checks.map((each) => [each.check, each]));
  };
  return { cli, url, run, here, sql, checks };
}

test('of eight that come at once to an empty database one makes the tables, and all of them work', async () => {
  const { run, url } = await onDatabase();
  // None begins before all are there.
  const gate = await server.holds("hashtextextended('orch.orch', 0)", url);
  const adding = Array.from({ length: 8 }, (_, i) => run(['add', `task ${i}`]));
  await gate.isWaitedFor(8);
  await gate.release();
  const all = await Promise.all(adding);
  expect(all.map(({ code, stderr }) => ({ code, stderr }))).toEqual(all.map(() => ({ code: 0, stderr: '' })));
  expect(all.map(({ stdout }) => stdout.trim()).toSorted()).toEqual(all.map((_, i) => `task-00${i + 1}`));
});

test('orch db migrate makes the tables; a dry run prints what psql would have to run, and changes nothing', async () => {
  const { here, sql } = await onDatabase();
  const planned = await here(['db', 'migrate', '--dry-run']);
  expect(planned.stderr).toBe('');
  expect(planned.stdout).toMatch(/^BEGIN;\n/);
  expect(planned.stdout).toContain(`-- orch_queue: made -> version ${QUEUE_VERSION}`);
  expect(planned.stdout).toContain('CREATE TABLE orch.task');
  expect(await sql("SELECT FROM pg_namespace WHERE nspname LIKE 'orch%'")).toEqual([]);
  expect((await here(['list'])).code).toBe(2);
  await sql(planned.stdout);
  expect(await here(['db', 'migrate'])).toMatchObject({
    code: 0,
    stdout: '',
    stderr: expect.stringMatching(/^Nothing to do: postgres:/),
  });
  expect(await here(['add', 'x'])).toEqual({ code: 0, stdout: 'task-001\n', stderr: '' });

  const other = await onDatabase();
  expect((await other.here(['db', 'migrate'])).stdout).toBe(
    `Schema orch_queue made, version ${QUEUE_VERSION}\nSchema orch made, version ${SCHEMA_VERSION}\n`,
  );
  const again = await other.here(['db', 'migrate', '--json']);
  expect(JSON.parse(again.stdout)).toEqual({ schemaVersion: 1, migrated: [] });
  expect((await other.cli.run(['db', 'migrate'])).stderr).toMatch(/^A store in a file has no tables/);
});

test('an older orch or pg-boss refuses a newer schema with a sentence and 4; nothing is changed', async () => {
  const { here, sql, checks } = await onDatabase();
  await here(['add', 'x']);
  await sql(`UPDATE orch.version SET version = ${SCHEMA_VERSION + 1}`);
  for (const args of [['list'], ['add', 'y'], ['run', '--exec', 'cat'], ['db', 'migrate']]) {
    expect(await here(args)).toEqual({
      code: 4,
      stdout: '',
      stderr: `The store in schema orch has version ${SCHEMA_VERSION + 1}, which a newer orch wrote; this one knows versions up to ${SCHEMA_VERSION}: install the newer orch\n`,
    });
  }
  expect((await checks()).schema).toMatchObject({
    ok: false,
    text: expect.stringContaining('which a newer orch wrote'),
  });
  await sql(
    `UPDATE orch.version SET version = ${SCHEMA_VERSION}; UPDATE orch_queue.version SET version = ${QUEUE_VERSION + 1}`,
  );
  expect(await here(['list'])).toEqual({
    code: 4,
    stdout: '',
    stderr: expect.stringMatching(
      /^The queue in schema orch_queue has version \d+, which a newer pg-boss wrote; pg-boss [\d.]+ knows/,
    ),
  });
});

test('what an older pg-boss left is brought up to date by whoever comes first, its tasks kept', async () => {
  const { run, here, sql, checks } = await onDatabase();
  await here(['add', '-'], 'one\ntwo\n');
  await sql(getRollbackPlans('orch_queue', QUEUE_VERSION));
  expect((await checks()).schema).toMatchObject({
    ok: true,
    note: true,
    text: expect.stringContaining(`queue ${QUEUE_VERSION - 1}; the next command`),
  });
  const planned = await here(['db', 'migrate', '--dry-run']);
  expect(planned.stdout).toContain(`-- orch_queue: version ${QUEUE_VERSION - 1} -> version ${QUEUE_VERSION}`);
  expect(planned.stdout).not.toContain('CONCURRENTLY');
  const ran = await run(['run', '--exec', 'cat', '--quiet']);
  expect(ran).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(await sql('SELECT version::int AS version FROM orch_queue.version')).toEqual([
    { version: QUEUE_VERSION },
  ]);
  // The index that this version brings is there, on the queue's own table too.
  expect(
    (await sql("SELECT FROM pg_indexes WHERE schemaname = 'orch_queue' AND indexname ~ '_i12$'")).length,
  ).toBe(2);
});

test('a store of an older orch is brought up to date, step by step', async () => {
  const { here, sql, checks } = await onDatabase();
  await sql(
    'CREATE SCHEMA orch; CREATE TABLE orch.version (version int NOT NULL); INSERT INTO orch.version VALUES (0)',
  );
  expect((await checks()).schema).toMatchObject({
    ok: true,
    note: true,
    text: expect.stringMatching(/^version 0, queue 0; the next/),
  });
  expect((await here(['db', 'migrate'])).stdout).toBe(
    `Schema orch_queue made, version ${QUEUE_VERSION}\nSchema orch: version 0 -> ${SCHEMA_VERSION}\n`,
  );
  expect((await here(['add', 'x'])).stdout).toBe('task-001\n');
});

test('what was interrupted between the two schemas heals; where jobs are lost it is said', async () => {
  const { here, sql, checks } = await onDatabase();
  await here(['add', 'x']);
  await here(['remove', 'task-001']);
  await sql('DROP SCHEMA orch CASCADE');
  expect((await here(['add', 'x'])).stdout).toBe('task-001\n');
  await here(['remove', 'task-001']);
  await sql('DROP SCHEMA orch_queue CASCADE');
  expect((await here(['add', 'x'])).stdout).toMatch(/^task-\d+\n$/);
  await sql('DROP SCHEMA orch_queue CASCADE');
  expect(await here(['list'])).toEqual({
    code: 4,
    stdout: '',
    stderr:
      'The tasks are in schema orch, but their queue, schema orch_queue, is gone; restore both from one backup\n',
  });
  expect((await checks()).schema?.ok).toBe(false);
});

test('a role with the documented rights alone says every command; doctor says what one lacks', {
  timeout: 180_000,
}, async () => {
  const { cli, here, sql, url, checks } = await onDatabase();
  const grants = documentedGrants('orch_runner');
  await sql("CREATE ROLE orch_runner LOGIN PASSWORD 'x'");
  onTestFinished(async () => void (await sql('DROP OWNED BY orch_runner; DROP ROLE orch_runner')));
  const role = new URL(url);
  role.username = 'orch_runner';
  role.password = 'x';
  const processes = new Set(['run', 'audit', 'wait', 'migrate', 'complete']);
  const asRunner = (args: string[], input = ''): Promise<Result> => {
    const options = { input, env: { ORCH_STORE: role.href } };
    return processes.has(args[0] ?? '') ? cli.run(args, options) : cli.here(args, options);
  };
  expect((await checks(role.href)).rights).toMatchObject({
    ok: false,
    text: expect.stringContaining('orch_runner may not make'),
  });
  expect((await asRunner(['add', 'x'])).code).toBe(4);
  await here(['db', 'migrate']);
  expect((await checks(role.href)).rights).toMatchObject({
    ok: false,
    text: expect.stringContaining('orch_runner lacks USAGE on schema orch'),
  });
  expect(await asRunner(['list'])).toEqual({
    code: 4,
    stdout: '',
    stderr: expect.stringMatching(/permission denied.*orch doctor/),
  });
  await sql(grants);
  expect((await checks(role.href)).rights).toMatchObject({ ok: true, text: 'orch_runner may run tasks' });
  await asRunner(['add', '-'], 'one\ntwo\nexit 3\n');
  const ran = await asRunner([
    'run',
    '--exec',
    'sed s/exit/no/ | sh || true',
    '--check',
    'true',
    '--max-cost',
    '1',
    '--quiet',
  ]);
  expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 0, stdout: '' });
  const file = cli.path('backup.json');
  for (const args of [
    ['reset', '--all', '--yes'],
    ['edit', 'task-001', '--after', 'task-002'],
    ['cancel', 'task-003'],
    ['retry', 'task-003'],
    ['explain', 'task-003'],
    ['remove', 'task-003'],
    ['pause'],
    ['resume'],
    ['stop'],
    ['status'],
    ['list'],
    ['show', 'task-001'],
    ['wait', 'task-001', '--timeout', '1ms', '--json'],
    ['run', '--dry-run'],
    ['run', '--exec', 'cat', '--check', 'true', '--max-cost', '1', '--max-failures', '1', '--quiet'],
    ['audit'],
    ['export', '-o', 'all.jsonl'],
    ['import', 'all.jsonl'],
    ['clean'],
    ['migrate', '--to', file],
    ['db', 'migrate'],
    ['db', 'migrate', '--dry-run'],
    ['complete', 'bash', 'orch show ta'],
    ['doctor'],
  ]) {
    const { code, stderr } = await asRunner(args);
    const waited = args[0] === 'wait' ? 124 : 0;
    expect.soft({ args, code, denied: /denied/.test(stderr) }).toEqual({ args, code: waited, denied: false });
  }
  await sql('REVOKE INSERT ON orch.claim FROM orch_runner');
  expect((await checks(role.href)).rights).toMatchObject({
    ok: false,
    text: expect.stringContaining('INSERT on orch.claim'),
  });
});

test('doctor says how the server is, and what is wrong with it', async () => {
  const { cli, here, sql, url, checks } = await onDatabase();
  expect((await checks()).schema).toMatchObject({
    ok: true,
    note: true,
    text: expect.stringContaining('there is no store'),
  });
  await here(['add', '-'], 'one\ntwo\n');
  await sql(
    `INSERT INTO orch.run (id, info, alive_until) VALUES ('run-dead', '{"id":"run-dead","host":"far"}', now() - interval '1 minute')`,
  );
  await sql("UPDATE orch_queue.job SET state = 'active', heartbeat_on = now() - interval '2 minutes'");
  const found = await checks();
  expect(found.reach?.text).toMatch(/ answers$/);
  expect(found.server?.text).toMatch(/^PostgreSQL \d+/);
  expect(found.tls).toMatchObject({ ok: true, encrypted: false });
  expect(found.clock).toMatchObject({ ok: true, skewMs: expect.any(Number) });
  expect(found.conns?.text).toMatch(/^\d+ of \d+ in use: room for \d+ more runs?$/);
  expect(found.schema?.text).toBe(
    `version ${SCHEMA_VERSION}, queue ${QUEUE_VERSION} of pg-boss ${bossVersion().release}`,
  );
  expect(found.runs).toMatchObject({
    note: true,
    text: 'none lives; 2 tasks (task-001, ...) left by runs that are gone: `orch run` takes over',
  });
  await sql(`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET default_transaction_read_only = on`);
  expect((await checks()).server).toMatchObject({
    ok: false,
    text: expect.stringContaining('changes are off'),
  });
  const closed = new URL(url);
  closed.port = '1';
  const refused = await cli.here(['doctor'], { env: { ORCH_STORE: closed.href } });
  expect(refused.code).toBe(4);
  expect(refused.stdout).toContain('problem  reach    Cannot use the database');
  expect((await here(['doctor', '--fold'])).code).toBe(2);
});
