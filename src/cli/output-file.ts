import { closeSync, fsyncSync, openSync, renameSync, rmSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { keepOwnerAndMode, syncFolder, temporaryName, writeAll } from '../stores/json/disk/replace-file.ts';
import { followed } from '../stores/json/disk/store-path.ts';
import { makeFolder } from './make-folder.ts';
import { meaningOf } from './system-error.ts';
import { usage } from './values.ts';

/** Bytes that are written at once. */
const CHUNK_BYTES = 1 << 20;

/** What was removed to make way, by path: what is written there later gets its owner and mode. */
const removed = new Map<string, Stats>();

/**
 * Puts these lines into a file: whole, or what was there stays. They are written beside it, made durable, and renamed.
 * @throws `usage`: the file cannot be written.
 */
export async function writeLines(path: string, lines: AsyncIterable<string>): Promise<void> {
  const { target, like } = placeOf(path);
  const temporary = temporaryName(target);
  const fd = trying(path, () => openSync(temporary, 'wx', like && like.mode & 0o7777));
  try {
    if (like) keepOwnerAndMode(fd, like);
    await writeTo(fd, path, lines);
    trying(path, () => {
      fsyncSync(fd);
      renameSync(temporary, target);
      syncFolder(dirname(target));
    });
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}

/**
 * Finds out before the work whether a file can be written after it. Its folder is made where it is missing.
 * @throws `usage`: it cannot.
 */
export function requireWritable(path: string): void {
  trying(path, () => makeFolder(dirname(path)));
  const { target } = placeOf(path, 'give another file');
  const temporary = temporaryName(target);
  trying(path, () => {
    closeSync(openSync(temporary, 'wx'));
    rmSync(temporary);
  });
}

/** What `writeLines` puts there later has the same owner and mode. @throws `usage`: it cannot be removed. */
export function removeFile(path: string): void {
  trying(path, () => {
    const before = statSync(path, { throwIfNoEntry: false });
    rmSync(path, { force: true });
    if (before) removed.set(path, before);
  });
}

/** Symbolic links are followed, so that one stays what it is. */
function placeOf(path: string, wayOut = 'leave the option out, and send standard output there') {
  const before = trying(path, () => statSync(path, { throwIfNoEntry: false }));
  if (before?.isDirectory()) throw usage(`${path} is a directory; give a file`);
  if (before && !before.isFile()) throw usage(`${path} is no regular file; ${wayOut}`);
  return { target: trying(path, () => followed(path)), like: before ?? removed.get(path) };
}

async function writeTo(fd: number, path: string, lines: AsyncIterable<string>): Promise<void> {
  let text = '';
  const write = () => trying(path, () => writeAll(fd, Buffer.from(text)));
  for await (const line of lines) {
    text += `${line}\n`;
    if (text.length < CHUNK_BYTES) continue;
    write();
    text = '';
  }
  write();
}

function trying<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw usage(`${path} cannot be written: ${meaningOf(error)}; give another path`);
  }
}
