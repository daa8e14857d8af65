import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes a folder as it was made before, by whichever test file of this run was the first to need it.
 *
 * @param name what is in it.
 * @param path where it is to lie; nothing may be there yet.
 * @param make makes it at this path.
 */
export async function madeOnce(name: string, path: string, make: () => Promise<void>): Promise<void> {
  const run = process.env.ORCH_TEST_RUN;
  if (!run) return make();
  const once = join(run, name);
  if (existsSync(once)) return copy(once, path);
  await make();
  const scratch = mkdtempSync(join(run, 'scratch-'));
  copy(path, join(scratch, name));
  try {
    renameSync(join(scratch, name), once);
  } catch {
    // Another file was as fast: the first one stays.
  }
  rmSync(scratch, { recursive: true });
}

/** With owners and modes; without a copy of the blocks where the file system can. */
function copy(from: string, to: string): void {
  execFileSync('cp', ['-a', from, to]);
}
