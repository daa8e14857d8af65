import { closeSync, ftruncateSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { endOfText } from '../../stores/json/journal/journal-end.ts';
import type { Dice } from './dice.ts';
import type { ToldBy } from './told.ts';

/** By inode number, how many bytes of a file are on the disk. @param told in any order. */
export function durableSizes(told: readonly ToldBy[]): Map<number, number> {
  const sizes = new Map<number, number>();
  for (const each of told.toSorted((one, other) => one.at - other.at)) {
    if (each.kind !== 'synced') continue;
    const before = each.isNew ? 0 : (sizes.get(each.ino) ?? 0);
    sizes.set(each.ino, Math.max(before, each.size));
  }
  return sizes;
}

/** What a disk writes at once, in bytes. */
const SECTOR = 512;

/**
 * Does to the files of a folder what a power cut may do: what is beyond the synced part is cut off, `all` of it or from some byte on.
 * Something else may stand in its place then. Or some of its sectors are lost, and later ones are not.
 */
export function cutPower(
  folder: string,
  durable: ReadonlyMap<number, number>,
  cut: 'all' | 'some',
  dice: Dice,
): void {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    const { ino, size } = statSync(path);
    const fd = openSync(path, 'r+');
    try {
      const text = endOfText(fd, size);
      const kept = Math.min(durable.get(ino) ?? 0, text);
      if (kept === text) continue;
      if (cut === 'some' && dice.pick([true, false])) loseSectors(fd, kept, text, dice);
      else cutOff(fd, cut === 'all' ? kept : dice.between(kept, text), text, size, dice);
    } finally {
      closeSync(fd);
    }
  }
}

function loseSectors(fd: number, from: number, to: number, dice: Dice): void {
  for (let begin = from; begin < to; ) {
    const end = Math.min(to, begin - (begin % SECTOR) + SECTOR);
    if (dice.pick([true, false])) writeSync(fd, Buffer.alloc(end - begin), 0, end - begin, begin);
    begin = end;
  }
}

/** @param text where the text ended; up to `size` there was room for more. */
function cutOff(fd: number, end: number, text: number, size: number, dice: Dice): void {
  const rubbish = dice.pick([0, 0, dice.between(0, text - end)]);
  ftruncateSync(fd, end);
  if (size > text && dice.pick([true, false])) ftruncateSync(fd, size);
  if (rubbish > 0) writeSync(fd, dice.pick([dice.bytes(rubbish), Buffer.alloc(rubbish)]), 0, rubbish, end);
}
