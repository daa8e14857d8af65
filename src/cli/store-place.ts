import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** Where a store's file is, or will be: the same for every path that leads to it. */
export function storePlace(store: string): string {
  const path = resolve(store);
  return realPath(path) ?? join(realPath(dirname(path)) ?? dirname(path), basename(path));
}

/** The folder from which paths are taken that are kept in a store. */
export function storeFolder(store: string): string {
  return dirname(storePlace(store));
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
