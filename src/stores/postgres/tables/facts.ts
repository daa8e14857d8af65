import type { Session } from '../connection/database.ts';
import type { Names } from './names.ts';

/** What a store knows beside its tasks, by name. */
export type Fact = 'ledger' | 'last-stop';

export async function readCounter(session: Session, { counter }: Names): Promise<number> {
  const [row] = await session.query<{ next: number }>(
    `SELECT next_id::float8 AS next FROM ${counter} FOR UPDATE`,
  );
  return row?.next ?? 1;
}

/** @param locked against others until the transaction ends. */
export async function readFact(
  session: Session,
  name: Fact,
  { fact }: Names,
  locked: '' | 'FOR UPDATE' = '',
): Promise<string | undefined> {
  const [row] = await session.query<{ value: string | null }>(
    `SELECT value::text AS value FROM ${fact} WHERE name = $1 ${locked}`,
    [name],
  );
  return row?.value ?? undefined;
}

export async function writeCounter(session: Session, next: number, { counter }: Names): Promise<void> {
  await session.query(`UPDATE ${counter} SET next_id = $1`, [next]);
}

export async function writeFact(
  session: Session,
  name: Fact,
  value: string | null,
  { fact }: Names,
): Promise<void> {
  await session.query(`UPDATE ${fact} SET value = $2::json WHERE name = $1`, [name, value]);
}
