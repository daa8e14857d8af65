import pg from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { dropStore, endConnections, scratchUrl } from '../../../src/stores/postgres/scratch.ts';
import { PostgresServer } from '../../support/postgres-server.ts';

const NAME = 'scratch_test';
const LOCK = 4711;

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
}, 60_000);

afterAll(() => server?.stop());

/** A connection as a worker has it, which is ended from outside. */
async function connect(url: string): Promise<{ client: pg.Client; ended: Promise<void> }> {
  const client = new pg.Client({ connectionString: url, application_name: NAME });
  const ended = new Promise<void>((resolve) => client.on('error', () => resolve()));
  await client.connect();
  onTestFinished(() => client.end().catch(() => undefined));
  return { client, ended };
}

test('what a killed process is about to make does not come about behind its removal', async () => {
  const url = await server.newDatabase();
  const { client } = await connect(url);
  const lock = await server.holds(`${LOCK}`, url);
  const making = client
    .query(`BEGIN; CREATE SCHEMA scratch; SELECT pg_advisory_xact_lock(${LOCK}); COMMIT`)
    .catch(() => undefined);
  await lock.isWaitedFor();
  await dropStore(scratchUrl(url, 'scratch', NAME));
  await lock.release();
  await making;
  expect(await server.sql("SELECT FROM pg_namespace WHERE nspname = 'scratch'", [], url)).toEqual([]);
});

test('connections are ended though another role is set for whoever logs in', async () => {
  const url = new URL(await server.newDatabase());
  await server.sql('CREATE ROLE scratch_owner');
  await server.sql("CREATE ROLE scratch_login LOGIN PASSWORD 'x' IN ROLE scratch_owner");
  onTestFinished(async () => {
    await server.sql('DROP ROLE scratch_login');
    await server.sql('DROP ROLE scratch_owner');
  });
  await server.sql('ALTER ROLE scratch_login SET role = scratch_owner');
  Object.assign(url, { username: 'scratch_login', password: 'x' });
  const { ended } = await connect(url.href);
  await endConnections(scratchUrl(url.href, 'scratch', 'another'), NAME);
  await ended;
});
