import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Session } from '../../../src/stores/postgres/connection/database.ts';
import { listTasks } from '../../../src/stores/postgres/tables/look-up.ts';
import { namesIn } from '../../../src/stores/postgres/tables/names.ts';
import { Postgres } from '../../support/pglite-database.ts';
import { idsOf } from '../../support/store-parts.ts';

let postgres: Postgres;

beforeAll(async () => {
  postgres = await Postgres.start();
});

afterAll(() => postgres.stop());

test('a page of a list has no more bytes than a page may have, unless one task has', async () => {
  const schema = postgres.newSchema();
  const store = await postgres.open(schema);
  const sizes = [10, 10, 4000, 10, 3000, 20_000, 10, 10, 10];
  await store.add(sizes.map((length, i) => ({ id: `t${i}`, description: 'é'.repeat(length / 2) })));
  const database = await postgres.connect(schema);
  const pages: number[] = [];
  const read = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    const session: Session = {
      query: async (text, values) => {
        const rows = await database.query(text, values);
        pages.push(rows.length);
        return rows as never[];
      },
    };
    return work(session);
  };
  const ids: string[] = [];
  for await (const { id } of listTasks(read, {}, namesIn(schema), 5000)) ids.push(id);
  expect(ids).toEqual(sizes.map((_, i) => `t${i}`));
  expect(pages).toEqual([4, 1, 1, 3, 0]);
  await store.close();
});

test('of tasks that mention something only those are read', async () => {
  const store = await postgres.open(postgres.newSchema());
  await store.add([
    { id: 'plain', description: 'a check is not meant' },
    { id: 'checked', description: 'x', check: 'true' },
    { id: 'asks', description: 'with {{checked}}', after: ['checked'] },
    { id: 'filled', description: 'x', filledFields: ['a'] },
  ]);
  const ids = async (...mentioning: string[]) => idsOf(store, { status: 'pending', mentioning });
  expect(await ids('"check":')).toEqual(['checked']);
  expect(await ids('{{', '"filledFields":')).toEqual(['asks', 'filled']);
  await store.close();
});
