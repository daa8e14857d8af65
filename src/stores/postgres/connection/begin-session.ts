import { OrchError } from '../../../model/errors.ts';
import type { Session } from './database.ts';
import type { PostgresLocation } from './location.ts';
import { refuseSharedSessions } from './pooler.ts';

/** The oldest server that has what pg-boss and the store need. */
const OLDEST = 13;

/** The process is known by what the server says: a pooler in between has numbers of its own. */
const WHO = "SELECT pg_backend_pid() AS pid, current_setting('server_version_num') AS version";

/**
 * A transaction whose client has vanished, or sleeps, ends soon, and with it its locks; so does a connection whose other end is gone. Who waits
 * for a lock, or to hear something, waits as long as it takes, whatever the role or the database has set, literals are read as they are meant, and numbers come whole; not every server has all
 * of these settings.
 */
const SET_UP = `SELECT set_config(name, value, false)
  FROM pg_settings JOIN (VALUES ('idle_in_transaction_session_timeout', '10s'),
    ('tcp_keepalives_idle', '10'), ('tcp_keepalives_interval', '5'), ('tcp_keepalives_count', '3'),
    ('statement_timeout', '0'), ('lock_timeout', '0'), ('transaction_timeout', '0'), ('idle_session_timeout', '0'),
    ('standard_conforming_strings', 'on'), ('array_nulls', 'on'), ('extra_float_digits', '1')) AS wanted (name, value) USING (name)`;

/**
 * What comes first on a connection. Behind a pooler nothing is set before it is known whether the session is its own.
 * @param said the process that serves it, as was said when it was made. @param another makes one more connection.
 * @returns the process that serves it. @throws `store-unusable`: the server is too old, or a pooler gives no session of its own.
 */
export async function beginSession(
  session: Session,
  said: number | null,
  location: PostgresLocation,
  another: () => Promise<Session & { destroy(): void }>,
): Promise<number> {
  const [begun] = await session.query<{ pid: number; version: string }>(
    `${WHO}; ${SET_UP} WHERE pg_backend_pid() = ${said ?? 0}`,
  );
  const { pid, version } = begun as { pid: number; version: string };
  const major = Math.floor(Number(version) / 10_000);
  if (major < OLDEST) throw tooOld(location.shown, major);
  if (pid === said) return pid;
  const other = await another();
  await refuseSharedSessions(session, other, location).finally(() => other.destroy());
  await session.query(SET_UP);
  return pid;
}

function tooOld(shown: string, version: number): OrchError {
  const message = `The server of ${shown} is PostgreSQL ${version}, which is too old; orch needs ${OLDEST} or later`;
  return new OrchError('store-unusable', message);
}
