import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { OrchError } from '../../../model/errors.ts';
import { RunLocks } from '../locks/run-locks.ts';

/**
 * The ids of the runs that live, those included of which nothing more can be read, such as another user's.
 * @param path the store's file.
 */
export function liveRunIds(path: string): string[] {
  const locks = new RunLocks(path);
  const start = `${basename(path)}.run-`;
  const ending = '.lock';
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(start) && name.endsWith(ending))
    .map((name) => decoded(name.slice(start.length, -ending.length)))
    .filter((id) => locks.isLive(id));
}

/** A file that only looks like a run's lock: its name is taken as it is. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** @throws `conflict`: a run lives. */
export function refuseLiveRuns(path: string, name: string): void {
  const ids = liveRunIds(path);
  if (ids.length === 0) return;
  const runs = ids.length === 1 ? `Run ${ids[0]} works` : `Runs ${ids.join(', ')} work`;
  throw new OrchError('conflict', `${runs} on ${name}; end ${ids.length === 1 ? 'it' : 'them'} first`);
}
