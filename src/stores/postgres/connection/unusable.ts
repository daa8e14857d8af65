import { isOrchError, messageOf, OrchError } from '../../../model/errors.ts';
import { codeOf, failureOf } from './failures.ts';
import type { PostgresLocation } from './location.ts';
import { NoPassword } from './password.ts';

/** Why a database cannot be used, in a sentence. @param isFirst nothing that was there before has answered as a server does */
export function unusable(error: unknown, location: PostgresLocation, { isFirst = false } = {}): OrchError {
  if (isOrchError(error)) return error;
  const reason = isFirst && isForeign(error) ? foreign(location) : reasonOf(error, location);
  const message = `Cannot use the database ${location.shown}: ${reason}`;
  return new OrchError('store-unusable', withoutPassword(message, location), { cause: error });
}

/** What was given to it does not fit, and nothing of it was kept. */
export function notKept(error: unknown): OrchError {
  return new OrchError('usage', `The database cannot hold this: ${messageOf(error)}`, { cause: error });
}

function reasonOf(error: unknown, location: PostgresLocation): string {
  const { host, user, database } = location;
  const said = opensslReason(error) ?? messageOf(error instanceof AggregateError ? error.errors[0] : error);
  if (error instanceof NoPassword) {
    const why = said === '' ? '' : ` (${said})`;
    return `it wants a password for ${user}, and there is none${why}; put one into PGPASSWORD or ~/.pgpass`;
  }
  const where = whereOf(location);
  switch (codeOf(error)) {
    case 'ECONNREFUSED':
    case 'ENOENT':
      return `nothing listens at ${where}; see that the server runs there`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name ${host} cannot be resolved; see how the host is written`;
    case '28P01':
      return `the password for ${user} is wrong; see the URL, PGPASSWORD and ~/.pgpass`;
    case '28000':
      if (/client certificate/.test(said))
        return 'the server wants a certificate; name its file and that of its key with sslcert and sslkey';
      return `${said}; see that ${user} is there, and what pg_hba.conf allows`;
    case '3D000':
      return `there is no database ${database} on this server; create it with \`createdb ${database}\``;
    case '53300':
      return `${said}; end some connections, or raise max_connections`;
    case '53100':
      return `${said}; make room on the server`;
    case '57014':
      return `${said}; somebody did that on the server`;
    case '55P03':
      return `${said}; see who holds it in pg_locks there`;
    case '57P03':
      return `${said}; try again in a moment`;
    case '42501':
      return `${said}; \`orch doctor\` says which rights ${user} lacks`;
    case '25006':
      return `${said}; is it a standby? Name the primary`;
  }
  if (said === 'timeout expired') return `${where} does not answer; see that it runs, and what lies between`;
  if (said === 'query_wait_timeout')
    return 'the pooler before it has no session left; end some runs, or raise its default_pool_size';
  if (/does not support SSL/.test(said))
    return 'the server has no TLS; allow that with sslmode=prefer, or set it up there';
  if (isAlert(error))
    return `the server does not take the certificate of sslcert: ${said}; see who has to sign it`;
  if (isUntrusted(error)) return `its certificate is not to be trusted: ${said}; see sslmode and sslrootcert`;
  const wayOut =
    failureOf(error) === 'lost' ? 'see that the server runs, and what lies between' : "see the server's log";
  return `${said}; ${wayOut}`;
}

function foreign(location: PostgresLocation): string {
  return `what answers at ${whereOf(location)} is no PostgreSQL server; see host and port`;
}

function whereOf({ host, port }: PostgresLocation): string {
  return host.startsWith('/') ? host : `${host}:${port}`;
}

/** It began to talk, and not as a PostgreSQL server does. */
function isForeign(error: unknown): boolean {
  const said = messageOf(error);
  const words = ['There was an error establishing an SSL connection', 'Connection terminated unexpectedly'];
  return words.includes(said) || said.startsWith('received invalid response');
}

/** Its messages have lines for developers. */
function opensslReason(error: unknown): string | undefined {
  const isOpenssl = error instanceof Error && 'library' in error && 'reason' in error;
  return isOpenssl ? String(error.reason) : undefined;
}

/** The other side says that it does not trust ours. */
function isAlert(error: unknown): boolean {
  return /^ERR_SSL_.*ALERT.*(UNKNOWN_CA|CERTIFICATE)/.test(codeOf(error) ?? '');
}

/** As OpenSSL and Node say it: `DEPTH_ZERO_SELF_SIGNED_CERT`, `ERR_TLS_CERT_ALTNAME_INVALID`, ... */
function isUntrusted(error: unknown): boolean {
  return /CERT|UNABLE_TO_VERIFY|SELF_SIGNED|CRL/.test(codeOf(error) ?? '');
}

function withoutPassword(text: string, { password }: PostgresLocation): string {
  const secrets = [password, process.env.PGPASSWORD].filter((each) => each !== undefined && each.length > 3);
  return secrets.reduce<string>((left, secret) => left.replaceAll(secret as string, '***'), text);
}
