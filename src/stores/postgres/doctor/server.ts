import { formatDuration } from '../../../model/duration.ts';
import { count, type Diagnosis, healthy, problem, remarkable } from '../../diagnosis.ts';
import type { Session } from '../connection/database.ts';
import type { PostgresLocation } from '../connection/location.ts';

/** PostgreSQL 13: pg-boss needs no newer one. */
const LEAST = 130_000;

/** Clocks of two machines that are told the time by others differ by less, in milliseconds. */
const SKEW_MS = 2000;

/** What a run takes: one to work with, one to listen. */
const EACH = 2;

export async function version(session: Session): Promise<Diagnosis> {
  const [row] = await session.query<{ text: string; number: number; standby: boolean; read_only: string }>(
    `SELECT current_setting('server_version') AS text, current_setting('server_version_num')::int AS number,
       pg_is_in_recovery() AS standby, current_setting('default_transaction_read_only') AS read_only`,
  );
  const { text = '?', number = 0, standby = false, read_only } = row ?? {};
  const facts = { version: text };
  if (number < LEAST)
    return problem('server', `PostgreSQL ${text}, and orch needs 13 or newer; upgrade it`, facts);
  if (standby)
    return problem('server', 'this is a standby, which takes no changes; give the primary in --store', facts);
  if (read_only === 'on')
    return problem(
      'server',
      'changes are off for this role or database; set default_transaction_read_only to off',
      facts,
    );
  return healthy('server', `PostgreSQL ${text}`, facts);
}

/** Notes alone: whether the way is safe is known to whoever made it. */
export async function encryption(session: Session, { tls }: PostgresLocation): Promise<Diagnosis> {
  const [row] = await session.query<{ ssl: boolean; version: string | null; local: boolean }>(
    `SELECT ssl, version, coalesce(inet_client_addr() << '127.0.0.0/8' OR inet_client_addr() = '::1', true) AS local
     FROM pg_stat_ssl WHERE pid = pg_backend_pid()`,
  );
  const { ssl = false, version: protocol, local = false } = row ?? {};
  const facts = { encrypted: ssl };
  if (ssl && tls.mode === 'verify-full')
    return healthy('tls', `${protocol}, and the server is who it says`, facts);
  if (ssl) {
    return remarkable(
      'tls',
      `${protocol}, but nobody checks who the server is; add sslmode=verify-full to the URL`,
      facts,
    );
  }
  if (local) return healthy('tls', 'not encrypted, and on this machine', facts);
  return remarkable(
    'tls',
    'not encrypted: tasks and passwords can be read on the way; add sslmode=verify-full to the URL',
    facts,
  );
}

/** All times in a store are the database's. */
export async function clock(session: Session): Promise<Diagnosis> {
  const before = Date.now();
  const [row] = await session.query<{ now: number }>(
    'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now',
  );
  const after = Date.now();
  const skewMs = Math.round((before + after) / 2 - (row?.now ?? 0));
  const facts = { skewMs, roundTripMs: after - before };
  const size = formatDuration(1000 * Math.round(Math.abs(skewMs) / 1000));
  if (Math.abs(skewMs) <= SKEW_MS + (after - before)) return healthy('clock', "as the database's", facts);
  const text = `this machine is ${size} ${skewMs > 0 ? 'ahead of' : 'behind'} the database; leases hold all the same, but ages and rates shown here are wrong: have it set its clock (NTP)`;
  return remarkable('clock', text, facts);
}

export async function connections(session: Session): Promise<Diagnosis> {
  const [row] = await session.query<{ used: number; most: number; reserved: number }>(
    `SELECT (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
       current_setting('max_connections')::int AS most,
       current_setting('superuser_reserved_connections')::int AS reserved`,
  );
  const { used = 0, most = 0, reserved = 0 } = row ?? {};
  const left = Math.max(most - reserved - used, 0);
  const facts = { used, left, most };
  const text = `${used} of ${most} in use: room for ${count(Math.floor(left / EACH), 'more run')}`;
  if (left >= EACH) return healthy('conns', text, facts);
  return problem('conns', `${text}; raise max_connections`, facts);
}
