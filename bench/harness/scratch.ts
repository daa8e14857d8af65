import { chmodSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TMPFS = 0x01021994;

/** A folder for all that is written while measuring, below TMPDIR. @throws when a sync would cost nothing there. */
export function makeScratch(): string {
  const above = tmpdir();
  if (statfsSync(above).type === TMPFS) {
    throw new Error(`${above} lies in memory, where a sync costs nothing; set TMPDIR to a folder on a disk`);
  }
  const scratch = mkdtempSync(join(above, 'orch-bench-'));
  // Postgres may have to run as another user, who must get through to its own folder in here.
  chmodSync(scratch, 0o711);
  return scratch;
}

/** Gives `work` a fresh folder, and removes it afterwards. */
export async function inFolder<T>(scratch: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(scratch, 'case-'));
  try {
    return await work(folder);
  } finally {
    removeFolder(folder);
  }
}

/** Tries again for a moment where somebody still writes. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
