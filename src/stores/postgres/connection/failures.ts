/** What a driver's error means for whoever waits for an answer. */
export type DatabaseFailure =
  /** The connection is gone, or was never there: another one may do. */
  | 'lost'
  /** It collided with another transaction, or with a change of tables: the same again may do. */
  | 'collided'
  /** What was given to it does not fit: something else may do. */
  | 'data'
  /** The server refuses the statement, or the connection. */
  | 'refused'
  /** Not the database is at fault. */
  | 'none';

/** serialization_failure, deadlock_detected. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const COLLIDED = new Set(['40001', '40P01']);

/**
 * query_canceled, admin_shutdown, crash_shutdown, cannot_connect_now, idle_session_timeout, idle_in_transaction_session_timeout,
 * too_many_connections; lock_not_available, for who is in a hurry. Same source. Nothing of ours cancels a statement: an administrator did, who may do so again.
 */
const LOST = new Set(['55P03', '57014', '57P01', '57P02', '57P03', '57P05', '25P03', '53300']);

const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'ENOTFOUND',
  // The socket of a server that is being restarted.
  'ENOENT',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/** What pg says in words alone. */
const DRIVERS_WORDS = [
  'Connection terminated',
  'Connection terminated unexpectedly',
  'timeout expired',
  'Query read timeout',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'There was an error establishing an SSL connection',
];

export function failureOf(error: unknown): DatabaseFailure {
  const code = codeOf(error);
  if (code === undefined) {
    return error instanceof Error && DRIVERS_WORDS.includes(error.message) ? 'lost' : 'none';
  }
  if (COLLIDED.has(code) || isOutdated(error)) return 'collided';
  if (LOST.has(code) || NETWORK.has(code) || /^08...$/.test(code)) return 'lost';
  if (!/^[0-9A-Z]{5}$/.test(code)) return 'none';
  // Of class 54 are limits of the server: on how long a value in an index may be, say.
  return /^(2[23]|54)/.test(code) ? 'data' : 'refused';
}

/**
 * Somebody has changed a table, or reset the session: a prepared statement is no longer what it was. invalid_sql_statement_name, and
 * feature_not_supported where PostgreSQL looks whether a plan still holds (src/backend/utils/cache/plancache.c).
 */
export function isOutdated(error: unknown): boolean {
  const routine = error instanceof Error && 'routine' in error ? error.routine : undefined;
  const code = codeOf(error);
  return code === '26000' || (code === '0A000' && routine === 'RevalidateCachedQuery');
}

/** Of several attempts at one host's addresses the first counts. */
export function codeOf(error: unknown): string | undefined {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const code = typeof first === 'object' && first !== null && 'code' in first ? first.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
