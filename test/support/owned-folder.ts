import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A scratch folder that is this process's. Those of the same prefix whose processes were killed, and have left them, are removed: a PostgreSQL server
 * that still runs in one ends by itself within a minute.
 */
export function ownedFolder(prefix: string, inside = tmpdir()): string {
  for (const name of readdirSync(inside)) {
    const [, owner] = new RegExp(`^${prefix}-(\\d+)-`).exec(name) ?? [];
    if (owner !== undefined && !lives(Number(owner)))
      rmSync(join(inside, name), { recursive: true, force: true });
  }
  return mkdtempSync(join(inside, `${prefix}-${process.pid}-`));
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Else it is somebody else's.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
