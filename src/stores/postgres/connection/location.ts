import { userInfo } from 'node:os';
import { OrchError } from '../../../model/errors.ts';
import { RESERVED } from './reserved.ts';
import { type TlsWish, tlsMode } from './tls-wish.ts';
import { areSeveralHosts, oneHost, portOf, refuseUnknown, severalHosts } from './url-parts.ts';

/** Where a store on Postgres is. */
export interface PostgresLocation {
  /** A path: of the folder of a socket. */
  host: string;
  port: number;
  user: string;
  database: string;
  /** Where the URL has one. */
  password?: string;
  tls: TlsWish;
  /** Settings for the session, as `psql` takes them. */
  options?: string;
  /** How the connections are called in `pg_stat_activity`; the one that listens has `-listen` behind it. */
  applicationName: string;
  schema: string;
  /** For people: no password is in it. */
  shown: string;
}

/** Our tables' schema where the URL names none. */
const DEFAULT_SCHEMA = 'orch';

/** Letters that need no quotes; `_queue` still fits behind them. */
const SCHEMA = /^[a-z][a-z0-9_]{0,39}$/;

/** Whether `--store` names a database and no file. */
export function isPostgres(store: string): boolean {
  return /^postgres(ql)?:\/\//i.test(store);
}

/** How the store is called in what people see: without a password. */
export function shownStore(store: string): string {
  if (!isPostgres(store)) return store;
  const url = parsed(store);
  return url ? shownOf(url) : 'postgres://...';
}

/**
 * What the URL leaves open is what libpq's variables say (PGHOST, PGPORT, PGUSER, PGDATABASE, PGSSLMODE, PGSSLROOTCERT, PGSSLCERT,
 * PGSSLKEY, PGOPTIONS, PGAPPNAME).
 * @param store a URL; its parameter `schema` is ours. @throws `usage`
 */
export function postgresLocation(store: string, env: NodeJS.ProcessEnv = process.env): PostgresLocation {
  const url = parsed(store);
  if (!url) throw areSeveralHosts(store) ? severalHosts() : notUrl();
  const { searchParams } = url;
  refuseUnknown(searchParams);
  const given = (parameter: string, variable = '') =>
    searchParams.get(parameter) || env[variable] || undefined;
  const schema = given('schema') ?? DEFAULT_SCHEMA;
  if (!SCHEMA.test(schema) || RESERVED.has(schema) || schema.startsWith('pg_')) {
    const message = `${JSON.stringify(schema)} cannot be a store's schema; use up to 40 small letters, digits and underscores, a letter first, and no word that PostgreSQL keeps for itself`;
    throw new OrchError('usage', message);
  }
  const user = searchParams.get('user') || decoded(url.username) || env.PGUSER || userInfo().username;
  const password = searchParams.get('password') || decoded(url.password) || undefined;
  const options = given('options', 'PGOPTIONS');
  const sslmode = given('sslmode', 'PGSSLMODE') ?? (searchParams.has('ssl') ? 'require' : undefined);
  const rootCert = given('sslrootcert', 'PGSSLROOTCERT');
  return {
    host: oneHost(hostOf(url) || env.PGHOST || 'localhost'),
    port: portOf(searchParams.get('port') || url.port || env.PGPORT || '5432'),
    user,
    database: decoded(url.pathname.slice(1)) || env.PGDATABASE || user,
    ...(password !== undefined && { password }),
    ...(options !== undefined && { options }),
    applicationName: given('application_name', 'PGAPPNAME') ?? 'orch',
    tls: {
      mode: tlsMode(sslmode, rootCert),
      rootCert,
      cert: given('sslcert', 'PGSSLCERT'),
      key: given('sslkey', 'PGSSLKEY'),
    },
    schema,
    shown: shownOf(url),
  };
}

/** It is not repeated in the message: a password may be in it. */
function notUrl(): OrchError {
  return new OrchError(
    'usage',
    'Expected a URL like postgres://user@host:5432/database as the store; in a password, write %23 for #, %2F for / and %3F for ?',
  );
}

/** The same database, with other parameters. @throws `usage` */
export function withParameters(store: string, parameters: Record<string, string>): string {
  const url = parsed(store);
  if (!url) throw notUrl();
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** Stands where a URL names a user and no host, which it may not. */
const NO_HOST = 'no-host.invalid';

/** A password with a raw `#`, `/` or `?` makes another URL of it, in which its end stands where it would be shown. */
function parsed(store: string): URL | undefined {
  const url = URL.parse(store) ?? URL.parse(store.replace(/@(?=[/?]|$)/, `@${NO_HOST}`));
  const isWhole = url && url.hash === '' && !/@/.test(url.pathname + url.search);
  return isWhole ? url : undefined;
}

/** As `psql` has it, a parameter counts more. */
function hostOf({ hostname, searchParams }: URL): string {
  const named = hostname === NO_HOST ? '' : hostname.replace(/^\[(.*)\]$/, '$1');
  return searchParams.get('host') || decoded(named);
}

function shownOf(url: URL): string {
  const name = encodeURIComponent(url.searchParams.get('user') ?? '') || url.username;
  const user = name && `${name}@`;
  const parameters = new URLSearchParams();
  for (const name of ['host', 'port', 'schema']) {
    const value = url.searchParams.get(name);
    if (value && !(name === 'schema' && value === DEFAULT_SCHEMA)) parameters.set(name, value);
  }
  const query = parameters.size > 0 ? `?${parameters}` : '';
  return `${url.protocol}//${user}${url.host.replace(NO_HOST, '')}${url.pathname}${query}`;
}

/** What is not percent-encoded is meant as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll(/%(?![0-9a-f]{2})/gi, '%25'));
  } catch {
    return text;
  }
}
