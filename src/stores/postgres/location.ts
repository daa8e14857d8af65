import { OrchError } from '../../model/errors.ts';

/** Where a store on Postgres is. */
export interface PostgresLocation {
  /** For the driver: without what is ours. May hold a password. */
  url: string;
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

/** @param store a URL; its parameter `schema` is ours. @throws `usage` */
export function postgresLocation(store: string): PostgresLocation {
  const url = URL.parse(store);
  // Not repeated in the message: a password may be in it.
  if (!url)
    throw new OrchError('usage', 'Expected a URL like postgres://user@host:5432/database as the store');
  const schema = url.searchParams.get('schema') ?? DEFAULT_SCHEMA;
  if (!SCHEMA.test(schema)) {
    const message = `${JSON.stringify(schema)} cannot be a store's schema; use up to 40 small letters, digits and underscores, a letter first`;
    throw new OrchError('usage', message);
  }
  url.searchParams.delete('schema');
  return { url: url.href, schema, shown: shownOf(url, schema) };
}

function shownOf(url: URL, schema: string): string {
  const user = url.username && `${url.username}@`;
  const parameter = schema === DEFAULT_SCHEMA ? '' : `?schema=${schema}`;
  return `${url.protocol}//${user}${url.host}${url.pathname}${parameter}`;
}
