import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tryLock } from 'fs-native-extensions';
import { messageOf } from '../../../model/errors.ts';
import { type Diagnosis, healthy, problem } from '../../diagnosis.ts';
import { meaningOf } from '../disk/faults.ts';
import { findStore } from '../disk/store-path.ts';

/** Bytes without which nothing can be relied on: some writes of a journal, and a small file beside the old one. */
const LEAST_ROOM = 16 * 1024 * 1024;

/** Longest that the other process may take to lock a file, in milliseconds. */
const TIMEOUT_MS = 10_000;

const HOLDER = fileURLToPath(new URL(`./lock-holder${extname(import.meta.url)}`, import.meta.url));

export interface ProbeOptions {
  /** For tests: free bytes of a folder's disk. Default: the system's word. */
  room?: (folder: string) => number;
  /** For tests: the script that locks. */
  holder?: string;
}

/**
 * Tries what a store needs of the disk where it is, or would be: a write that is synced, room, a lock between two processes. On a file of
 * its own, which is gone afterwards.
 * @param name the store's path.
 */
export async function probePlace(name: string, options: ProbeOptions = {}): Promise<Diagnosis[]> {
  const folder = dirname(findStore(name).path);
  const probe = join(folder, `.orch-doctor-${process.pid}-${Math.random().toString(36).slice(2)}`);
  try {
    const disk = examineDisk(probe, folder, options);
    return disk.ok ? [disk, await examineLocks(probe, options)] : [disk];
  } finally {
    rmSync(probe, { force: true });
  }
}

function examineDisk(probe: string, folder: string, { room = freeBytes }: ProbeOptions): Diagnosis {
  try {
    const fd = openSync(probe, 'wx', 0o600);
    try {
      writeSync(fd, 'orch doctor\n');
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    const free = room(folder);
    const facts = { freeBytes: free };
    if (free < LEAST_ROOM)
      return problem('disk', `only ${megabytes(free)} are free in ${folder}; make room`, facts);
    return healthy('disk', `a write was synced in ${folder}, and ${megabytes(free)} are free`, facts);
  } catch (error) {
    return problem('disk', `nothing can be written and synced in ${folder}: ${meaningOf(error)}`);
  }
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / 1_000_000).toLocaleString('en')} MB`;
}

/** Another process holds the file, and ours is refused; it ends, and ours gets it. */
async function examineLocks(probe: string, { holder = HOLDER }: ProbeOptions): Promise<Diagnosis> {
  const other = spawn(process.execPath, [holder, probe], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(other, 'exit');
  const fd = openSync(probe, 'a');
  try {
    const [said] = await Promise.race([
      once(other.stdout, 'data', { signal: AbortSignal.timeout(TIMEOUT_MS) }),
      ended.then(() => ['it ended before it had locked anything']),
    ]);
    if (String(said) !== 'held') throw new Error(`another process could not lock: ${said}`);
    if (tryLock(fd)) return problem('locks', `two processes get the same lock here; ${ELSEWHERE}`);
    other.stdin.end();
    await ended;
    if (!tryLock(fd)) return problem('locks', `a lock stays when its process has ended; ${ELSEWHERE}`);
    return healthy('locks', 'two processes exclude each other here');
  } catch (error) {
    return problem('locks', `whether locks work here could not be tried: ${messageOf(error)}; ${ELSEWHERE}`);
  } finally {
    other.kill('SIGKILL');
    closeSync(fd);
  }
}

const ELSEWHERE = 'put the store on a local disk';
