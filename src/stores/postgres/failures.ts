/** What a driver's error means for whoever waits for an answer. */
export type DatabaseFailure =
  /** The connection is gone, or was never there: another one may do. */
  | 'lost'
  /** It collided with another transaction: the same again may do. */
  | 'collided'
  /** The statement itself is at fault. */
  | 'refused';

/** serialization_failure, deadlock_detected. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const COLLIDED = new Set(['40001', '40P01']);

/** admin_shutdown, crash_shutdown, cannot_connect_now, idle_session_timeout, too_many_connections. Same source. */
const LOST = new Set(['57P01', '57P02', '57P03', '57P05', '53300']);

/** Without a server: no such user, no such database, wrong password, and what TLS and names come to are for good. */
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'EAI_AGAIN',
]);

export function failureOf(error: unknown): DatabaseFailure {
  const code = codeOf(error);
  if (code === undefined) return isDriversOwn(error) ? 'lost' : 'refused';
  if (COLLIDED.has(code)) return 'collided';
  return LOST.has(code) || NETWORK.has(code) || code.startsWith('08') ? 'lost' : 'refused';
}

export function codeOf(error: unknown): string | undefined {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const code = typeof first === 'object' && first !== null && 'code' in first ? first.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** pg says in words alone that a connection has ended. */
function isDriversOwn(error: unknown): boolean {
  return (
    error instanceof Error &&
    /connection (terminated|ended)|timeout|not queryable|closed/i.test(error.message)
  );
}
