import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Cli } from '../../support/cli.ts';
import { PASSWORD, PostgresServer } from '../../support/postgres-server.ts';

// A dozen processes each, and leases that have to end.
vi.setConfig({ testTimeout: 120_000 });

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
}, 60_000);

afterAll(() => server.stop());

async function schemasIn(url: string): Promise<string[]> {
  const rows = await server.sql<{ name: string }>(
    "SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 'orch%' ORDER BY 1",
    [],
    url,
  );
  return rows.map(({ name }) => name);
}

test('it kills, stops and disconnects workers in the database, and leaves nothing there', async () => {
  const cli = new Cli();
  const url = await server.newDatabase();
  const env = { ORCH_STORE: url };
  const { code, stdout, stderr } = await cli.run(['selftest', '--kills', '4', '--json'], { env });
  expect([code, stderr]).toEqual([0, '']);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ kills: 4, stalls: 1, disconnections: 1, violations: [] });
  expect(Object.keys(report.killsAt)).toEqual(['completed', 'added', 'checkpointed', 'claimed', 'random']);
  expect(report.tasks).toBeGreaterThan(30);
  expect(report).not.toHaveProperty('powerCuts');
  expect(await schemasIn(url)).toEqual([]);
});

test('with fencing broken it finds violations, and keeps what is left', async () => {
  const cli = new Cli();
  const url = await server.newDatabase();
  const env = { ORCH_STORE: url, ORCH_SELFTEST_BREAK: 'fencing' };
  const { code, stdout } = await cli.run(['selftest', '--kills', '1', '--json'], { env });
  expect(code).toBe(1);
  const { violations, schemas } = JSON.parse(stdout);
  expect(violations.some(({ rule }: { rule: string }) => rule === 'fence')).toBe(true);
  expect(await schemasIn(url)).toEqual(schemas);
  expect(stdout).not.toContain(PASSWORD);
});

test('a role that may make no schema is told so', async () => {
  const cli = new Cli();
  const url = new URL(await server.newDatabase());
  await server.sql("CREATE ROLE nobody_here LOGIN PASSWORD 'x'");
  Object.assign(url, { username: 'nobody_here', password: 'x' });
  const { code, stderr } = await cli.run(['selftest'], { env: { ORCH_STORE: url.href } });
  expect(code).toBe(4);
  expect(stderr).toMatch(
    /^nobody_here may make no schema in the database \S+; grant it CREATE on that, or name a database where it may\n$/,
  );
  await server.sql('DROP ROLE nobody_here');
});

test('interrupted when the database cannot be reached, it says what is left there', async () => {
  const url = await server.newDatabase();
  const name = new URL(url).pathname.slice(1);
  const child = new Cli().start(['selftest'], { env: { ORCH_STORE: url } });
  const said = text(child.stderr as Readable);
  while ((await schemasIn(url)).length === 0);
  await server.sql(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
  child.kill('SIGINT');
  const [code] = await once(child, 'close');
  await server.sql(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
  expect(code).toBe(130);
  expect(await said).toMatch(
    /^SIGINT: .*\nCannot use the database .* What is left .* is in the schemas orch_self/,
  );
  expect(await said).not.toContain(PASSWORD);
});
