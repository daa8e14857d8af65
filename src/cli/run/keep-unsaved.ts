import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UnsavedOutput } from '../../core/run.ts';
import { outputBytes } from '../../model/encoding.ts';
import { note } from '../output.ts';

/** Outputs that are paid for and that the store could not take: into files, and where those fail too, onto stderr. */
export async function keepUnsaved(outputs: readonly UnsavedOutput[]): Promise<void> {
  for (const { taskId, output, encoding } of outputs) {
    try {
      const path = join(await mkdtemp(join(tmpdir(), 'orch-unsaved-')), `${taskId}.txt`);
      await writeFile(path, outputBytes(output, { encoding }), { flush: true });
      note(`The store could not take the output of ${taskId}; it is in ${path}`);
    } catch {
      note(
        `The store could not take the output of ${taskId}; here it is${encoding ? `, in ${encoding}` : ''}:\n${output}`,
      );
    }
  }
}
