import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { type Clock, isoTime, systemClock } from '../../../model/clock.ts';
import { missing } from '../disk/conflicts.ts';
import type { FaultHook } from '../disk/fault-points.ts';
import { LocalDisk, type StatFs } from '../disk/network-file-system.ts';
import type { Sleep } from '../disk/patience.ts';
import { findStore } from '../disk/store-path.ts';
import { refuseLiveRuns } from '../doctor/live.ts';
import { explained } from '../explained.ts';
import { RELY_MS } from '../follower.ts';
import { journalPath } from '../journal/journal-file.ts';
import { StoreLock } from '../locks/store-lock.ts';
import { copyFile } from './copy.ts';

export interface RepairOptions {
  /** Default: the system's. */
  clock?: Clock;
  /** For tests. */
  statfs?: StatFs;
  /** For tests: called at each moment within a write. */
  faultHook?: FaultHook;
  /** For tests: how it waits for the lock. Default: a timer. */
  sleep?: Sleep;
}

/** A store that is locked, on which no run works. */
export interface Locked {
  path: string;
  /** How messages call the store. */
  name: string;
  journalPath: string;
  faultHook: FaultHook | undefined;
  /** Copies a file of the store durably. @returns the copy's path: `<file>.<time>.bak`. */
  keep(path: string): string;
}

/**
 * Does a repair that a person has decided on, with the store locked and no run alive.
 * @throws `store-missing`. `conflict`: a run lives. `store-unusable`, from the work too.
 */
export async function repairing<T>(
  name: string,
  options: RepairOptions,
  work: (store: Locked) => T,
): Promise<T> {
  const { path, exists } = findStore(name);
  if (!exists && !existsSync(journalPath(path))) throw missing(name);
  const { clock = systemClock, statfs, faultHook, sleep } = options;
  new LocalDisk(path, name, statfs).require();
  const lock = new StoreLock(path, name, { sleep });
  try {
    await lock.acquire();
    refuseLiveRuns(path, name);
    // Without colons, which some file systems and shells take for something else.
    const time = isoTime(clock.now()).replaceAll(':', '');
    const keep = (file: string) => copyFile(file, `${file}.${time}.bak`);
    const done = work({ path, name, journalPath: journalPath(path), faultHook, keep });
    // A process that is no run may have the store open: it gets the lock when it has to look for a new journal.
    await (sleep ?? setTimeout)(2 * RELY_MS);
    return done;
  } catch (error) {
    throw await explained(error, name);
  } finally {
    lock.release();
    lock.close();
  }
}
