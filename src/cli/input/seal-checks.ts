import { relative, resolve } from 'node:path';
import { messageOf } from '../../model/errors.ts';
import type { NewTask, Seal } from '../../model/task.ts';
import { fileDigests, sealWith } from '../../verifiers/command/seal.ts';
import { storeFolder } from '../store-place.ts';
import { usage } from '../values.ts';

/**
 * The tasks, those with a check sealed with these files. Their paths are kept as they lead from the store's folder.
 * @throws `usage`: a file cannot be read, or no task has a check that could use it.
 */
export async function sealChecks(
  tasks: NewTask[],
  files: readonly string[],
  store: string,
): Promise<NewTask[]> {
  if (files.length > 0 && tasks.every(({ check }) => check === undefined))
    throw usage('--check-file names what a check uses; give --check with it');
  const digests = await digestsOf(files, storeFolder(store));
  // Many rows have the check of the command line.
  const seals = new Map<string, Seal>();
  return tasks.map((task) => {
    const { check } = task;
    if (check === undefined) return task;
    const seal = seals.get(check) ?? sealWith(check, digests);
    seals.set(check, seal);
    return { ...task, seal };
  });
}

/** Of files that a check uses, by their paths as they lead from the folder. @throws `usage`: one cannot be read. */
export async function digestsOf(files: readonly string[], folder: string): Promise<Record<string, string>> {
  const digests: [path: string, digest: string][] = [];
  for (const file of files) {
    const path = relative(folder, resolve(file));
    try {
      digests.push(...Object.entries(await fileDigests([path], folder)));
    } catch (error) {
      throw usage(`The check file ${file} cannot be read (${messageOf(error)}); correct --check-file`);
    }
  }
  return Object.fromEntries(digests);
}
