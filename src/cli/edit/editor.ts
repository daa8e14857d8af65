import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isOrchError, messageOf, OrchError } from '../../model/errors.ts';
import { agrees } from '../ask.ts';
import { noteFitted } from '../fitted-lines.ts';
import { readFileText } from '../input/read-text.ts';
import { usage } from '../values.ts';

/**
 * Lets a person change a text in $VISUAL or $EDITOR, and applies it. What is refused can be edited again; where it is not, or the editor
 * fails, the file is kept and named.
 * @param apply is not called where nothing was changed. @returns what it gives.
 */
export async function editText<T>(
  name: string,
  text: string,
  env: NodeJS.ProcessEnv,
  apply: (text: string) => Promise<T>,
): Promise<T | undefined> {
  const folder = await scratchFolder();
  const path = join(folder, name);
  await writeFile(path, text, { mode: 0o600 });
  for (;;) {
    try {
      await openEditor(path, env);
      const changed = await readFileText(path);
      const answer = changed === text ? undefined : await apply(changed);
      await rm(folder, { recursive: true, force: true });
      return answer;
    } catch (error) {
      if (!isOrchError(error)) throw error;
      noteFitted(error.message);
      if (await agrees('Edit it again?')) continue;
      const kept = `Nothing was changed; what you wrote is in ${path}`;
      // A Ctrl-C has an exit code of its own.
      if (process.exitCode === undefined) throw new OrchError(error.code, kept);
      noteFitted(kept);
      return undefined;
    }
  }
}

/** @throws `usage` */
async function scratchFolder(): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), 'orch-edit-'));
  } catch (error) {
    throw usage(
      `No temporary file can be made: ${messageOf(error)}; set TMPDIR, or use the options of orch edit`,
    );
  }
}

/** @throws `usage`: it cannot be started, or fails. */
async function openEditor(path: string, env: NodeJS.ProcessEnv): Promise<void> {
  const editor = env.VISUAL?.trim() || env.EDITOR?.trim() || 'vi';
  // A Ctrl-C is the editor's.
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  try {
    const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'sh', path], { stdio: 'inherit' });
    const [status, signal] = (await once(child, 'exit')) as [number | null, string | null];
    if (status === 0) return;
    throw usage(
      `The editor (${editor}) ended with ${signal ?? status}; set VISUAL or EDITOR, or use the options of orch edit`,
    );
  } finally {
    process.off('SIGINT', ignore);
  }
}
