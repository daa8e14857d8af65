import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
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
  const digests: Record<string, string> = {};
  for (const file of files) digests[file] = await fileDigest(resolve(folder, file));
  return digests;
}

/** A check that may have been sealed: a task, for one. */
export interface Sealed {
  check?: string | undefined;
  seal?: Seal | undefined;
}

/** What has changed since a check was sealed, as the end of a sentence each: `its check has changed`. Nothing for one that never was. */
export async function changesSince({ check = '', seal }: Sealed, folder = '.'): Promise<string[]> {
  if (!seal) return [];
  const changes: string[] = [];
  if (textDigest(check) !== seal.check) changes.push('its check has changed');
  for (const [file, digest] of Object.entries(seal.files ?? {})) {
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
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
