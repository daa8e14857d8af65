import type { Session } from './database.ts';

/**
 * What a connection committed last is marked in the same transaction: where it breaks before the answer to a COMMIT has come, the mark says
 * whether that was done. The server knows as much of a transaction's number (`pg_xact_status`), but after a crash it may give the number of one that
 * was lost to another one.
 */
export interface Mark {
  /** Of the connection: a UUID. */
  session: string;
  /** Of the transaction: from 1, one more each time. */
  number: number;
}

/** Where nothing was written there is nothing to mark. */
export function commitText(schema: string, { session, number }: Mark): string {
  return `INSERT INTO ${schema}.mark (session, number, at)
    SELECT '${session}', ${number}, now() WHERE pg_current_xact_id_if_assigned() IS NOT NULL
    ON CONFLICT (session) DO UPDATE SET number = excluded.number, at = excluded.at;
    COMMIT`;
}

/**
 * Whether the transaction of this mark was committed. It will not be any more: the connection's marks are closed, so that a COMMIT that is still on its
 * way fails. May be asked again.
 */
export async function wasCommitted(session: Session, schema: string, mark: Mark): Promise<boolean> {
  const [last] = await session.query<{ number: number }>(
    `INSERT INTO ${schema}.mark AS m (session, number, closed, at) VALUES ($1, 0, 0, now())
     ON CONFLICT (session) DO UPDATE SET closed = m.number RETURNING number`,
    [mark.session],
  );
  return last?.number === mark.number;
}
