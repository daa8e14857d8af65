import { stat } from 'node:fs/promises';
import type { RunSettings } from '../run-options.ts';
import { usage } from '../values.ts';

/** Where commands run; undefined: where orch does. @throws `usage`: it is no folder. */
export async function commandFolder({ cwd }: RunSettings): Promise<string | undefined> {
  if (cwd === undefined) return undefined;
  const found = await stat(cwd).catch(() => undefined);
  if (!found?.isDirectory()) throw usage(`Expected --cwd to be a folder, got ${JSON.stringify(cwd)}`);
  return cwd;
}
