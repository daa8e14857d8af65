import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ResultOf } from '../ports/result-of.ts';
import { firstBytes } from './bounded.ts';
import {
  afterVariables,
  type CommandEnvironment,
  metadataVariables,
  withoutOuter,
} from './data-variables.ts';

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
  /** Its fields: variables of their own, and all of them in a file, as JSON. */
  metadata?: Record<string, unknown> | undefined;
  /** The tasks that it comes after: the result of each is in a file. */
  after?: readonly string[] | undefined;
  /** Absent: nobody gives results, and there are no such files. */
  resultOf?: ResultOf | undefined;
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
 * Data reaches a command in variables and files alone: what is in them is never part of a command, unless the command makes it one.
 *
 * Rejects with the system's error where the files cannot be written, and with what `resultOf` or `use` rejects with.
 */
export async function withTaskFiles<T>(
  facts: TaskFacts,
  use: (environment: CommandEnvironment) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'orch-'));
  try {
    const environment: CommandEnvironment = {
      ...withoutOuter(),
      ...metadataVariables(facts.metadata),
      ...(await writeResults(facts, folder)),
      ORCH_TASK_ID: facts.id,
      ORCH_ATTEMPT: facts.attempt?.toString(),
      ORCH_FEEDBACK: facts.feedback === undefined ? undefined : asVariable(facts.feedback),
    };
    for (const name of FILES) {
      environment[`ORCH_${name.toUpperCase()}_FILE`] = await written(folder, name, facts[name]);
    }
    const metadata = facts.metadata && JSON.stringify(facts.metadata);
    environment.ORCH_TASK_METADATA_FILE = await written(folder, 'metadata.json', metadata);
    return await use(environment);
  } finally {
    // A folder that cannot be removed is no reason to lose the answer.
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}

/** One result after the other, so that no two need be in memory. @returns what names the files. */
async function writeResults(
  { after = [], resultOf }: TaskFacts,
  folder: string,
): Promise<CommandEnvironment> {
  const files = new Map<string, string>();
  for (const id of resultOf ? new Set(after) : []) {
    // Not by its id: some file systems take `A` and `a` for the same.
    files.set(id, await write(folder, `after-${files.size + 1}`, await resultOf!(id)));
  }
  const all = files.size > 0 ? JSON.stringify(Object.fromEntries(files)) : undefined;
  return { ...afterVariables(files), ORCH_TASK_AFTER_FILE: await written(folder, 'after.json', all) };
}

/** @returns its path; undefined where there is nothing to be written. */
async function written(
  folder: string,
  name: string,
  text: string | Buffer | undefined,
): Promise<string | undefined> {
  return text === undefined ? undefined : await write(folder, name, text);
}

async function write(folder: string, name: string, text: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

/** A variable cannot hold a NUL. */
function asVariable(text: string): string {
  return firstBytes(Buffer.from(text.replaceAll('\0', '')), MAX_FEEDBACK_VARIABLE_BYTES);
}
