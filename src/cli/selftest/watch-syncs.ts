import fs, { fstatSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { endOfText } from '../../stores/json/journal/journal-end.ts';
import type { Tell, Told } from './told.ts';

/**
 * Tells what every sync of this process has made durable, where the disk is asked for it, so that nobody's word is taken. To be called
 * before anything is loaded that syncs.
 * @param isLate each counts only when the next one is asked for: as if the store acknowledged before it syncs.
 */
export function watchSyncs(tell: Tell, isLate: boolean): void {
  const { fsyncSync, fdatasyncSync, fdatasync } = fs;
  let last: Told | undefined;

  /** To be called before the sync: what is written during it may not be covered. @returns undefined for a folder. */
  const covered = (fd: number, isNew: boolean): Told | undefined => {
    const stats = fstatSync(fd);
    if (!stats.isFile()) return undefined;
    // What grows may end in zeros, room for more: what is written there later is not synced yet.
    const size = isNew ? stats.size : endOfText(fd, stats.size);
    return { kind: 'synced', ino: stats.ino, size, isNew };
  };
  const done = (synced: Told | undefined): void => {
    if (!synced) return;
    const now = isLate ? last : synced;
    last = synced;
    if (now) tell(now);
  };

  Object.assign(fs, {
    // Whoever makes a file asks for all of it to be synced; a file that grows needs its data alone.
    fsyncSync: (fd: number) => {
      const synced = covered(fd, true);
      fsyncSync(fd);
      done(synced);
    },
    fdatasyncSync: (fd: number) => {
      const synced = covered(fd, false);
      fdatasyncSync(fd);
      done(synced);
    },
    fdatasync: (fd: number, callback: fs.NoParamCallback) => {
      const synced = covered(fd, false);
      fdatasync(fd, (error) => {
        if (!error) done(synced);
        callback(error);
      });
    },
  });
  syncBuiltinESMExports();
}
