import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, createSecureContext, getCACertificates } from 'node:tls';
import { messageOf, OrchError } from '../../../model/errors.ts';
import { SYSTEM, type TlsWish } from './tls-wish.ts';

/** How a connection is made; false: without TLS. */
export type TlsWay = false | ConnectionOptions;

/** In which order connections are tried: the next one where the server does not want the one before. @throws `usage` */
export function tlsWays(wish: TlsWish): readonly TlsWay[] {
  switch (wish.mode) {
    case 'disable':
      return [false];
    case 'allow':
      return [false, { ...ownCertificate(wish), rejectUnauthorized: false }];
    case 'prefer':
      return [{ ...ownCertificate(wish), rejectUnauthorized: false }, false];
    default:
      return [{ ...ownCertificate(wish), ...trust(wish) }];
  }
}

/** Whom to believe, where that matters. */
function trust({ mode, rootCert }: TlsWish): ConnectionOptions {
  const path = rootCert ?? existing('root.crt');
  if (rootCert === SYSTEM) return { ca: [...getCACertificates('default'), ...getCACertificates('system')] };
  const ca = path === undefined ? undefined : contentOf(path, 'sslrootcert');
  if (mode === 'verify-full') return ca ? { ca } : {};
  if (ca) return { ca, checkServerIdentity: () => undefined };
  if (mode === 'require') return { rejectUnauthorized: false };
  throw new OrchError(
    'usage',
    'sslmode=verify-ca needs the certificate of the authority; name its file with sslrootcert=<path>, or use sslmode=verify-full',
  );
}

function ownCertificate({ cert, key }: TlsWish): ConnectionOptions {
  const certPath = cert ?? existing('postgresql.crt');
  const keyPath = key ?? existing('postgresql.key');
  if (certPath === undefined || keyPath === undefined) {
    if (cert !== undefined) throw alone('sslcert', 'sslkey');
    if (key !== undefined) throw alone('sslkey', 'sslcert');
    return {};
  }
  const pair = { cert: contentOf(certPath, 'sslcert'), key: contentOf(keyPath, 'sslkey') };
  try {
    createSecureContext(pair);
  } catch (error) {
    const why = (error as { reason?: string }).reason ?? messageOf(error);
    throw new OrchError('usage', `The files of sslcert and sslkey cannot be used: ${why}`, { cause: error });
  }
  return pair;
}

function alone(given: string, missing: string): OrchError {
  return new OrchError('usage', `${given} has a file, and ${missing} has none; name both`);
}

function existing(name: string): string | undefined {
  const path = join(homedir(), '.postgresql', name);
  return existsSync(path) ? path : undefined;
}

function contentOf(path: string, parameter: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new OrchError('usage', `Cannot read the file of ${parameter}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
