import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { wallMs } from '../harness/child.ts';

const ORCH = resolve(import.meta.dirname, '../../bin/orch.js');

/** Runs the orch command to its end, as a shell would. @param ids where its stdout goes. @returns wall milliseconds. */
export function orchCommand(store: string, args: string[], ids?: string): number {
  const output = ids === undefined ? undefined : openSync(ids, 'w');
  try {
    return wallMs([ORCH, '--store', store, ...args], output);
  } finally {
    if (output !== undefined) closeSync(output);
  }
}

/** A text file of `n` tasks, a line each. @returns its path. */
export function taskLines(folder: string, n: number): string {
  const path = join(folder, `${n}.txt`);
  writeFileSync(path, Array.from({ length: n }, (_, index) => `Task number ${index + 1}\n`).join(''));
  return path;
}
