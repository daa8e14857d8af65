import { OrchError } from '../../../model/errors.ts';

/** What the URL of a store may have behind its `?`. */
const PARAMETERS = new Set(
  'application_name host options password port schema ssl sslcert sslkey sslmode sslrootcert user'.split(' '),
);

/** As `psql` does it: a word that is written wrongly, `sslmod` say, must not go unheard. @throws `usage` */
export function refuseUnknown(parameters: URLSearchParams): void {
  const unknown = [...parameters.keys()].find((name) => !PARAMETERS.has(name));
  if (unknown !== undefined) {
    const message = `The URL of the store has the parameter ${JSON.stringify(unknown)}, which orch does not take; leave it out, or write one of ${[...PARAMETERS].join(', ')}`;
    throw new OrchError('usage', message);
  }
  const ssl = parameters.get('ssl') ?? 'true';
  if (ssl !== 'true') {
    const message = `Expected ssl to be true in the URL of the store, got ${JSON.stringify(ssl)}; use sslmode`;
    throw new OrchError('usage', message);
  }
}

/** Where hosts have ports, a text that names several is no URL. */
export function areSeveralHosts(store: string): boolean {
  return /^\w+:\/\/([^/?#]*@)?[^/?#@]*,[^@]*$/.test(store);
}

/** @throws `usage` */
export function oneHost(host: string): string {
  if (host.includes(',') && !host.startsWith('/')) throw severalHosts();
  return host;
}

export function severalHosts(): OrchError {
  const message =
    'A store is on one host, and several are named; name the primary, or an address that always leads to it';
  return new OrchError('usage', message);
}

/** @throws `usage` */
export function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new OrchError('usage', `Expected a port from 1 to 65535 for the store, got ${JSON.stringify(text)}`);
}
