import { openSync } from 'node:fs';
import { OrchError } from '../../../model/errors.ts';
import { codeOf } from '../disk/faults.ts';
import type { Head } from './journal-record.ts';
import { firstRecord } from './journal-scan.ts';

export interface Opened {
  fd: number;
  writable: boolean;
}

/** For writing where that is allowed, otherwise for reading. @returns undefined when there is none. */
export function openForAll(path: string): Opened | undefined {
  try {
    return { fd: openSync(path, 'r+'), writable: true };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    if (codeOf(error) !== 'EACCES' && codeOf(error) !== 'EROFS') throw error;
    return { fd: openSync(path, 'r'), writable: false };
  }
}

/** @returns the head, and where it ends. @throws OrchError `store-unusable` */
export function headOf(fd: number, path: string): { head: Head & { next: number }; end: number } {
  const first = firstRecord(fd);
  if (first?.record.op !== 'head') {
    throw unusable(`${path} is not a journal of orch; \`orch doctor\` shows what can be done`);
  }
  if (first.record.version !== 1) throw newer(path);
  return { head: first.record, end: first.end };
}

export function newer(path: string): OrchError {
  return unusable(`${path} was written by a newer orch; use that, or a newer one still`);
}

export function unusable(message: string): OrchError {
  return new OrchError('store-unusable', message);
}
