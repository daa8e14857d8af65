import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type CommandEnvironment = Record<string, string | undefined>;

/** The files a command may be given about its task: `task` is named by ORCH_TASK_FILE, and so on. */
export interface TaskFiles {
  /** The description. */
  task: string;
  /** What is to be checked. */
  result?: string;
  /** The output of the last attempt. */
  previous_result?: string;
  /** What was wrong with it. */
  feedback?: string;
}

const FILES = ['task', 'result', 'previous_result', 'feedback'] as const satisfies (keyof TaskFiles)[];

/**
 * Writes the files into a fresh temporary folder that only this user can read, calls `use` with the variables that
 * name them, and removes the folder afterwards, whatever happened. What is not given is taken out of the environment,
 * so that a command under an orch that itself runs under an orch does not see the outer one's.
 *
 * Rejects with the system's error where the files cannot be written, and with what `use` rejects with.
 */
export async function withTaskFiles<T>(
  files: TaskFiles,
  use: (environment: CommandEnvironment) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'orch-'));
  try {
    const environment: CommandEnvironment = { ORCH_ATTEMPT: undefined, ORCH_FEEDBACK: undefined };
    for (const name of FILES) {
      const text = files[name];
      const path = join(folder, name);
      if (text !== undefined) await writeFile(path, text, { mode: 0o600 });
      environment[`ORCH_${name.toUpperCase()}_FILE`] = text === undefined ? undefined : path;
    }
    return await use(environment);
  } finally {
    // A folder that cannot be removed is no reason to lose the answer.
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}
