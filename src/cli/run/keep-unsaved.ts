import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UnsavedOutput } from '../../core/run.ts';
import { note } from '../output.ts';

/** Outputs that are paid for and that the store could not take: into files, and where those fail too, onto stderr. */
export async function keepUnsaved(outputs: readonly UnsavedOutput[]): Promise<void> {
  for (const { taskId, output } of outputs) {
    try {
      const path = join(await mkdtemp(join(tmpdir(), 'orch-unsaved-')), `${taskId}.txt`);
      await writeFile(path, output, { flush: true });
      note(`The store could not take the output of ${taskId}; it is in ${path}`);
    } catch {
      note(`The store could not take the output of ${taskId}; here it is:\n${output}`);
    }
  }
}
