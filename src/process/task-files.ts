import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstBytes } from './bounded.ts';

/** All that a command is told about its task in variables; `undefined` takes one out of its environment. */
export type CommandEnvironment = Record<string, string | undefined>;

interface TaskFacts {
  id: string;
  /** 1 for the first. */
  attempt?: number;
  /** The description. */
  task: string;
  /** What is to be checked. */
  result?: string | Buffer;
  /** The output of the last attempt. */
  previous_result?: string | Buffer;
  /** What was wrong with it. */
  feedback?: string;
}

/** These are in files: `task` is named by ORCH_TASK_FILE, and so on. */
const FILES = ['task', 'result', 'previous_result', 'feedback'] as const satisfies (keyof TaskFacts)[];

/** Linux takes 128 KiB for one variable; the whole feedback is in ORCH_FEEDBACK_FILE. */
const MAX_FEEDBACK_VARIABLE_BYTES = 64 * 1024;

/**
 * Writes the files into a fresh temporary folder that only this user can read, calls `use` with the variables that
 * name them, and removes the folder afterwards, whatever happened. What is not given is taken out of the environment,
 * so that a command under an orch that itself runs under an orch does not see the outer one's.
 *
 * Rejects with the system's error where the files cannot be written, and with what `use` rejects with.
 */
export async function withTaskFiles<T>(
  facts: TaskFacts,
  use: (environment: CommandEnvironment) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'orch-'));
  try {
    const environment: CommandEnvironment = {
      ORCH_TASK_ID: facts.id,
      ORCH_ATTEMPT: facts.attempt?.toString(),
      ORCH_FEEDBACK: facts.feedback === undefined ? undefined : asVariable(facts.feedback),
    };
    for (const name of FILES) {
      const text = facts[name];
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

/** A variable cannot hold a NUL. */
function asVariable(text: string): string {
  return firstBytes(Buffer.from(text.replaceAll('\0', '')), MAX_FEEDBACK_VARIABLE_BYTES);
}
