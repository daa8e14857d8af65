import { codeOf } from './failures.ts';
import { Link } from './link.ts';
import type { PostgresLocation } from './location.ts';
import type { PgListener } from './pg-listener.ts';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const TOO_MANY_CONNECTIONS = '53300';

const WHAT_IT_DOES = `SELECT state = 'active' AS "isActive", wait_event_type = 'Lock' AS "isBlocked" FROM pg_stat_activity WHERE pid = $1`;

/** `blocked`: it waits for a lock that another session has. */
export type Doing = 'works' | 'blocked' | 'nothing';

/**
 * What the server does of that which its process was asked. Asked by the connection that listens, so that there are no more than two; where that
 * carries nothing, by a fresh one.
 */
export async function whatItDoes(
  pid: number,
  listener: PgListener | undefined,
  location: PostgresLocation,
): Promise<Doing> {
  try {
    const heard = await listener?.ask<DoingRow>(WHAT_IT_DOES, [pid]);
    const [row] = heard ?? (await askAfresh(pid, location));
    if (!row?.isActive) return 'nothing';
    return row.isBlocked ? 'blocked' : 'works';
  } catch (error) {
    // A server that has no room for another connection is there.
    return codeOf(error) === TOO_MANY_CONNECTIONS ? 'works' : 'nothing';
  }
}

interface DoingRow {
  isActive: boolean;
  isBlocked: boolean | null;
}

async function askAfresh(pid: number, location: PostgresLocation): Promise<DoingRow[]> {
  const link = await Link.open(location, 'orch', () => {});
  try {
    return await link.query<DoingRow>(WHAT_IT_DOES, [pid]);
  } finally {
    link.destroy();
  }
}
