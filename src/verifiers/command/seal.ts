import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Seal } from '../../model/task.ts';

/**
 * What tells later whether a check, or a file that it uses, has changed.
 * @param folder from which the paths of the files are taken.
 * Rejects with the system's error where a file cannot be read.
 */
export async function sealOf(check: string, files: readonly string[] = [], folder = '.'): Promise<Seal> {
  return sealWith(check, await fileDigests(files, folder));
}

/** The same with files that are read already. */
export function sealWith(check: string, digests: Record<string, string>): Seal {
  return { check: textDigest(check), ...(Object.keys(digests).length > 0 && { files: digests }) };
}

/** Of each of these files. Rejects with the system's error where one cannot be read. */
export async function fileDigests(files: readonly string[], folder: string): Promise<Record<string, string>> {
  const digests: [file: string, digest: string][] = [];
  for (const file of files) digests.push([file, await fileDigest(resolve(folder, file))]);
  // Unlike an assignment, this takes `__proto__` for a name like others.
  return Object.fromEntries(digests);
}

/** A check that may have been sealed: a task, for one. */
export interface Sealed {
  check?: string | undefined;
  seal?: Seal | undefined;
}

/** What has changed since a check was sealed, as the end of a sentence each: `its check has changed`. Nothing for one that never was. */
export async function changesSince(
  { check = '', seal }: Sealed,
  folder = '.',
  withFiles = true,
): Promise<string[]> {
  if (!seal) return [];
  const changes: string[] = [];
  if (textDigest(check) !== seal.check) changes.push('its check has changed');
  for (const [file, digest] of Object.entries((withFiles && seal.files) || {})) {
    const now = await fileDigest(resolve(folder, file)).catch(() => undefined);
    if (now === undefined) changes.push(`${file} is missing or cannot be read`);
    else if (now !== digest) changes.push(`${file} has changed`);
  }
  return changes;
}

function textDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  // Whoever opens a pipe that nobody writes to would wait for ever, and a device may have no end.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw new Error('it is no regular file');
    await pipeline(file.createReadStream({ autoClose: false }), hash);
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}
