import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { followed } from '../stores/json/disk/store-path.ts';
import {
  isPostgres,
  type PostgresLocation,
  postgresLocation,
} from '../stores/postgres/connection/location.ts';
import { usage } from './values.ts';

/** Where a store is, or will be: the same for every path or URL that leads to it. */
export function storePlace(store: string): string {
  if (isPostgres(store)) return placeOf(postgresLocation(store));
  const path = reached(resolve(store));
  return realPath(path) ?? join(realPath(dirname(path)) ?? dirname(path), basename(path));
}

/**
 * The folder from which paths are taken that are kept in a store. A database lies in none: each machine takes them from where it works, as
 * a checkout has the same files everywhere.
 */
export function storeFolder(store: string): string {
  return isPostgres(store) ? process.cwd() : dirname(storePlace(store));
}

/** A store's short name, for reports. */
export function storeName(store: string): string {
  return isPostgres(store) ? nameOf(postgresLocation(store)) : basename(store, '.json');
}

/** What is written must not take the place of a store, or of what it has beside it. @throws `usage` */
export function refuseStore(path: string, store: string): void {
  if (isPostgres(store)) return;
  const own = storePlace(store);
  const place = storePlace(path);
  const isBeside = ['.journal', '.lock', '.run-'].some((ending) => place.startsWith(own + ending));
  if (place === own || isBeside) throw usage(`${path} belongs to the store; give another file`);
}

/** Where it would be made, if it is a link to what is not there yet. */
function reached(path: string): string {
  try {
    return followed(path);
  } catch {
    return path;
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** Whoever uses it, and however it is encrypted. */
function placeOf({ host, port, database, schema }: PostgresLocation): string {
  return `postgres://${host.toLowerCase()}:${port}/${database}?schema=${schema}`;
}

function nameOf({ database, schema }: PostgresLocation): string {
  return schema === 'orch' ? database : `${database}-${schema}`;
}
