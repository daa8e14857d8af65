import { afterAll, beforeAll } from 'vitest';
import { processesContract } from '../contract/processes.contract.ts';
import { PostgresServer } from '../support/postgres-server.ts';
import { enough } from '../support/thorough.ts';

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
});

afterAll(() => server.stop());

processesContract('Postgres', () => server.newDatabase(), enough(25, 500));
