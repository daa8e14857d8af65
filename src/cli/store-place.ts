import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { usage } from './values.ts';

/** Where a store's file is, or will be: the same for every path that leads to it. */
export function storePlace(store: string): string {
  const path = resolve(store);
  return realPath(path) ?? join(realPath(dirname(path)) ?? dirname(path), basename(path));
}

/** The folder from which paths are taken that are kept in a store. */
export function storeFolder(store: string): string {
  return dirname(storePlace(store));
}

/** What is written must not take the place of a store, or of what it has beside it. @throws `usage` */
export function refuseStore(path: string, store: string): void {
  const own = storePlace(store);
  const place = storePlace(path);
  const isBeside = ['.journal', '.lock', '.run-'].some((ending) => place.startsWith(own + ending));
  if (place === own || isBeside) throw usage(`${path} belongs to the store; give another file`);
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
