import { codeOf } from './failures.ts';
import { Link } from './link.ts';
import type { PostgresLocation } from './location.ts';
import type { PgListener } from './pg-listener.ts';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const TOO_MANY_CONNECTIONS = '53300';

const IS_AT_WORK = "SELECT state = 'active' AS is FROM pg_stat_activity WHERE pid = $1";

/**
 * Whether the server still works on what its process was asked. Asked by the connection that listens, so that there are no more than two; where that
 * carries nothing, by a fresh one.
 */
export async function isAtWork(
  pid: number,
  listener: PgListener | undefined,
  location: PostgresLocation,
): Promise<boolean> {
  try {
    const heard = await listener?.ask<{ is: boolean }>(IS_AT_WORK, [pid]);
    const [row] = heard ?? (await askAfresh(pid, location));
    return row?.is ?? false;
  } catch (error) {
    // A server that has no room for another connection is there.
    return codeOf(error) === TOO_MANY_CONNECTIONS;
  }
}

async function askAfresh(pid: number, location: PostgresLocation): Promise<{ is: boolean }[]> {
  const link = await Link.open(location, 'orch', () => {});
  try {
    return await link.query<{ is: boolean }>(IS_AT_WORK, [pid]);
  } finally {
    link.destroy();
  }
}
