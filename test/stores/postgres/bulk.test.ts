import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { TemporaryLog } from '../../../src/stores/postgres/bulk/temporary-log.ts';
import type { Database, Row } from '../../../src/stores/postgres/connection/database.ts';
import { partsIn } from '../../../src/stores/postgres/parts.ts';
import { PostgresTaskStore } from '../../../src/stores/postgres/postgres-task-store.ts';
import { Postgres } from '../../support/pglite-database.ts';

let postgres: Postgres;

beforeAll(async () => {
  postgres = await Postgres.start();
});

afterAll(() => postgres.stop());

test('what an intake took is sent in pieces of one transaction, and is in no file that others see', async () => {
  const schema = postgres.newSchema();
  const database = await postgres.connect(schema);
  let [transactions, most, sent] = [0, 0, 0];
  const listening: Database = {
    ...database,
    transaction: (work) => {
      transactions++;
      return database.transaction((session, now) => {
        const query = async <R extends object = Row>(text: string, values: readonly unknown[] = []) => {
          const { length } = JSON.stringify(values);
          most = Math.max(most, length);
          sent += length;
          return session.query<R>(text, values);
        };
        return work({ query }, now);
      });
    },
  };
  const parts = await partsIn(listening, schema, { create: true, shown: 'here' });
  const store = new PostgresTaskStore(parts);
  const intake = store.intake();
  transactions = 0;
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('orch-intake-'));
  for (let i = 0; i < 400; i++) intake.take({ description: `${i} ${'long '.repeat(4000)}` });
  expect((await intake.add()).count).toBe(400);
  expect(transactions).toBe(1);
  expect(sent).toBeGreaterThan(8_000_000);
  expect(most).toBeLessThan(1_200_000);
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('orch-intake-'))).toEqual(before);
  intake.close();
  expect(() => intake.take({ description: 'x' })).toThrow('The intake has been closed; begin another one');
  await store.close();
});

test('texts are read back as they were, however long; without room it is said where to make some', () => {
  const log = new TemporaryLog();
  const texts = ['a', 'é'.repeat(700_000), 'b', '€'.repeat(10), 'c'.repeat(2_000_000)];
  const starts = texts.map((text) => {
    const start = log.end;
    log.append(text);
    return start;
  });
  for (const [i, text] of texts.entries()) {
    const bytes = Buffer.alloc(Buffer.byteLength(text));
    log.readInto(bytes, 0, starts[i]!, bytes.length);
    expect(bytes.toString() === text).toBe(true);
  }
  log.close();
  vi.stubEnv('TMPDIR', '/dev/null/nowhere');
  const full = new TemporaryLog();
  full.append('x');
  expect(() => full.readInto(Buffer.alloc(1), 0, 0, 1)).toThrow(
    /^The tasks cannot be kept in \/dev\/null\/nowhere until they are added \(.*\); make room there, or name another folder in TMPDIR$/,
  );
});
