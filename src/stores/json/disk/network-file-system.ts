import { readFileSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { OrchError } from '../../../model/errors.ts';
import { codeOf } from './faults.ts';

/** By the number that Linux gives each kind of file system (`f_type` of statfs). */
const NETWORKS: Record<number, string> = {
  26985: 'NFS',
  20859: 'SMB',
  4283649346: 'SMB',
  4266872130: 'SMB',
  12805120: 'Ceph',
  1397113167: 'AFS',
  1799439955: 'AFS',
  198183888: 'Lustre',
  18225520: 'GFS2',
  1952539503: 'OCFS2',
};

/** What the system says of the file system that a path is on. */
export type StatFs = (path: string) => { type: number };

/** Refuses to write where locks, syncs and the files beside it cannot be trusted. What it found once holds for its life. */
export class LocalDisk {
  readonly #path: string;
  readonly #name: string;
  readonly #statfs: StatFs;
  #isLocal = false;

  /** @param path the store's file, there or not. @param name how messages call it. @param statfs for tests. */
  constructor(path: string, name: string, statfs: StatFs = statfsSync) {
    this.#path = path;
    this.#name = name;
    this.#statfs = statfs;
  }

  /** @throws `store-unusable`: the folder is on a network file system, or the file is mounted by itself. */
  require(): void {
    if (this.#isLocal) return;
    const network = networkOf(dirname(this.#path), this.#statfs);
    if (network !== undefined) {
      const why = `it is on a network file system (${network}), where locks and syncs cannot be trusted`;
      throw new OrchError(
        'store-unusable',
        `Cannot write ${this.#name}: ${why}; name a store on a local disk`,
      );
    }
    if (isMountPoint(this.#path)) {
      const why =
        'it is mounted by itself, so that its journal and its lock would lie apart from those of others';
      throw new OrchError('store-unusable', `Cannot write ${this.#name}: ${why}; mount its folder instead`);
    }
    this.#isLocal = true;
  }
}

/** Where a system does not tell its mounts so, as macOS, there are no such mounts of files either. */
function isMountPoint(path: string): boolean {
  try {
    // The fifth field, with blanks and the like as octal numbers.
    return readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .some((line) => line.split(' ')[4]?.replace(/\\([0-7]{3})/g, octal) === path);
  } catch {
    return false;
  }
}

function octal(_: string, digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 8));
}

/** Who cannot be asked is taken to be local: what is wrong with the folder is said when it is used. */
function networkOf(folder: string, statfs: StatFs): string | undefined {
  try {
    // The kernel's number has 32 bits; some machines give it a sign.
    return NETWORKS[statfs(folder).type >>> 0];
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return undefined;
  }
}
