import { OrchError } from '../../../model/errors.ts';

/** As libpq has them: https://www.postgresql.org/docs/current/libpq-ssl.html */
export const TLS_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type TlsMode = (typeof TLS_MODES)[number];

/** As a value of `sslrootcert`. */
export const SYSTEM = 'system';

export interface TlsWish {
  mode: TlsMode;
  /** Path of the certificates of authorities; `system`: those of the machine, and those that Node knows. Default: `~/.postgresql/root.crt`, where it is there. */
  rootCert: string | undefined;
  /** Paths of a certificate of one's own and its key. Default: `~/.postgresql/postgresql.crt` and `.key`, where they are there. */
  cert: string | undefined;
  key: string | undefined;
}

/**
 * What the parameters ask for, where they are given. Whoever trusts the authorities of the machine wants the name checked: anybody may have a certificate
 * of theirs. @throws `usage`
 */
export function tlsMode(word: string | undefined, rootCert: string | undefined): TlsMode {
  if (word === undefined) return rootCert === SYSTEM ? 'verify-full' : 'prefer';
  const mode = TLS_MODES.find((each) => each === word);
  if (!mode) {
    const message = `Expected sslmode to be one of ${TLS_MODES.join(', ')}, got ${JSON.stringify(word)}`;
    throw new OrchError('usage', message);
  }
  if (rootCert !== SYSTEM || mode === 'verify-full') return mode;
  const message = `sslrootcert=system goes with sslmode=verify-full alone, got ${mode}; leave sslmode out`;
  throw new OrchError('usage', message);
}
