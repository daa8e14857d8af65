import { expect, onTestFinished, test } from 'vitest';
import { postgresLocation } from '../../../src/stores/postgres/connection/location.ts';
import { RESERVED } from '../../../src/stores/postgres/connection/reserved.ts';
import { Postgres } from '../../support/pglite-database.ts';

test('a schema is not named by a word that PostgreSQL keeps for itself', async () => {
  const postgres = await Postgres.start();
  onTestFinished(() => postgres.stop());
  const database = await postgres.connect('orch');
  const words = await database.query<{ word: string }>(
    "SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T')",
  );
  expect(words.map(({ word }) => word).filter((word) => !RESERVED.has(word))).toEqual([]);
  for (const schema of ['user', 'order', 'pg_orch'])
    expect(() => postgresLocation(`postgres://host/database?schema=${schema}`)).toThrow(
      `"${schema}" cannot be a store's schema`,
    );
  expect(postgresLocation('postgres://host/database?schema=orders').schema).toBe('orders');
});
