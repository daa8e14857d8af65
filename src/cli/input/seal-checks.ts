import { relative, resolve } from 'node:path';
import { messageOf } from '../../model/errors.ts';
import type { Seal } from '../../model/task.ts';
import { fileDigests, sealWith } from '../../verifiers/command/seal.ts';
import { storeFolder } from '../store-place.ts';
import { usage } from '../values.ts';

/** Seals the checks of tasks with files that they use. Their paths are kept as they lead from the store's folder. */
export class Sealer {
  readonly #files: readonly string[];
  readonly #digests: Record<string, string>;
  readonly #failure: unknown;
  #last: { check: string; seal: Seal } | undefined;

  /** Reads the files. What is wrong with them is told where a check is sealed. */
  static async of(files: readonly string[], store: string): Promise<Sealer> {
    try {
      return new Sealer(files, await digestsOf(files, storeFolder(store)));
    } catch (error) {
      return new Sealer(files, {}, error);
    }
  }

  private constructor(files: readonly string[], digests: Record<string, string>, failure?: unknown) {
    this.#files = files;
    this.#digests = digests;
    this.#failure = failure;
  }

  /** Of many rows that have the same check one after the other, all share one seal. @throws `usage`: a file could not be read. */
  sealOf(check: string): Seal {
    if (this.#failure) throw this.#failure;
    if (this.#last?.check !== check) this.#last = { check, seal: sealWith(check, this.#digests) };
    return this.#last.seal;
  }

  /** @throws `usage`: files are named, and no check was sealed that could use them. */
  requireUse(): void {
    if (this.#files.length > 0 && !this.#last)
      throw usage('--check-file names what a check uses; give --check with it');
  }
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
